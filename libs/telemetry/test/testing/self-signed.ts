import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** PEM files. */
export interface SelfSigned {
  readonly keyFile: string
  readonly certificateFile: string
}

/** A key and a self-signed certificate for `host`; undefined if openssl is not installed. */
export function makeSelfSigned(host: string): SelfSigned | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'telemetry-tls-'))
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const openssl = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-keyout', keyFile, '-out', certificateFile, '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`],
  ])
  return openssl.error === undefined ? { keyFile, certificateFile } : undefined
}
