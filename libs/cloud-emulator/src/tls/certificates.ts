import { generateKeyPairSync } from 'node:crypto'
import { hostname } from 'node:os'
import { createCertificate } from './certificate.ts'

/** A certificate authority, and a server certificate signed by it; all in PEM. */
export interface Certificates {
  readonly caCertificate: string
  readonly serverCertificate: string
  readonly serverKey: string
}

const VALID_DAYS = 365
const AUTHORITY = 'cloud-emulator CA'

/** Creates keys and certificates for this machine. The authority's key is discarded. */
export function createCertificates(): Certificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const validity = {
    notBefore: new Date(Date.now() - 3600 * 1000),
    notAfter: new Date(Date.now() + VALID_DAYS * 24 * 3600 * 1000),
  }
  const serverNames = [...new Set(['localhost', 'cloud-emulator', hostname()]), '127.0.0.1', '::1']
  return {
    caCertificate: createCertificate({
      ...validity,
      subject: AUTHORITY,
      issuer: AUTHORITY,
      key: authority.publicKey,
      signingKey: authority.privateKey,
      usage: 'authority',
    }),
    serverCertificate: createCertificate({
      ...validity,
      subject: 'cloud-emulator',
      issuer: AUTHORITY,
      key: server.publicKey,
      signingKey: authority.privateKey,
      usage: { serverNames },
    }),
    serverKey: server.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}
