import { createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import {
  bitString,
  boolean,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  tagged,
  time,
  utf8String,
} from './der.ts'

/** The content of an X.509 certificate. Keys use the curve P-256. */
export interface CertificateOptions {
  readonly subject: string
  readonly issuer: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** The subject's key; only its public part is used. */
  readonly key: KeyObject
  readonly signingKey: KeyObject
  /** An `authority` may sign certificates; a `server` is for TLS under the given names. */
  readonly usage: 'authority' | { readonly serverNames: readonly string[] }
}

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
const COMMON_NAME = '2.5.4.3'
const BASIC_CONSTRAINTS = '2.5.29.19'
const KEY_USAGE = '2.5.29.15'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17'
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1'

/** Creates a certificate (RFC 5280, version 3) in PEM. */
export function createCertificate(options: CertificateOptions): string {
  const { subject, issuer, notBefore, notAfter, key, signingKey, usage } = options
  const serial = randomBytes(16)
  serial[0] = (serial[0] ?? 0) & 0x7f
  const publicKey = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' })
  const content = sequence(
    tagged(0xa0, integer(Uint8Array.of(2))),
    integer(serial),
    ECDSA_WITH_SHA256,
    name(issuer),
    sequence(time(notBefore), time(notAfter)),
    name(subject),
    publicKey,
    tagged(0xa3, sequence(...(usage === 'authority' ? authorityExtensions() : serverExtensions(usage.serverNames)))),
  )
  const signature = sign('sha256', content, { key: signingKey, dsaEncoding: 'der' })
  return pem('CERTIFICATE', sequence(content, ECDSA_WITH_SHA256, bitString(signature)))
}

/** DER in PEM (RFC 7468), under a label such as `CERTIFICATE`. */
export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

function name(commonName: string): Buffer {
  return sequence(set(sequence(objectIdentifier(COMMON_NAME), utf8String(commonName))))
}

function authorityExtensions(): Buffer[] {
  const certificateAndCrlSigning = bitString(Uint8Array.of(0b0000_0110), 1)
  return [
    extension(BASIC_CONSTRAINTS, sequence(boolean(true), integer(Uint8Array.of(0))), true),
    extension(KEY_USAGE, certificateAndCrlSigning, true),
  ]
}

function serverExtensions(names: readonly string[]): Buffer[] {
  const digitalSignature = bitString(Uint8Array.of(0b1000_0000), 7)
  return [
    extension(BASIC_CONSTRAINTS, sequence(), true),
    extension(KEY_USAGE, digitalSignature, true),
    extension(EXTENDED_KEY_USAGE, sequence(objectIdentifier(SERVER_AUTHENTICATION))),
    extension(SUBJECT_ALTERNATIVE_NAME, sequence(...names.map(generalName))),
  ]
}

function extension(id: string, value: Uint8Array, critical = false): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octetString(value))
}

/** A DNS name or an IP address. */
function generalName(host: string): Buffer {
  const version = isIP(host)
  if (version === 0) return tagged(0x82, Buffer.from(host))
  return tagged(0x87, version === 4 ? Uint8Array.from(host.split('.').map(Number)) : ipv6Bytes(host))
}

function ipv6Bytes(host: string): Buffer {
  const [head = '', tail] = host.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const all = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
