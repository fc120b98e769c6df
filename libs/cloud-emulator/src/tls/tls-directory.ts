import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TlsMaterial } from '../grpc/grpc-server.ts'
import { createCertificates } from './certificates.ts'

/** The files that clients of the TLS port need, and the server's key. */
export interface TlsDirectory {
  readonly caFile: string
  readonly credentialsFile: string
  /** For clients that get their token over TLS only; undefined without a `secureTokenUrl`. */
  readonly secureCredentialsFile: string | undefined
  readonly server: TlsMaterial
  /** False if the files existed and are still right. */
  readonly written: boolean
}

const MIN_VALID_MS = 24 * 3600 * 1000

/**
 * Opens or creates a directory with `ca.crt` (for GRPC_DEFAULT_SSL_ROOTS_FILE_PATH), `credentials.json` (for
 * GOOGLE_APPLICATION_CREDENTIALS), and the server's key and certificate. Existing certificates are kept while they are
 * valid for another day. The private key is readable by its owner only. `tokenUrl` is where clients get their token:
 * the emulator's `/token`; `secureTokenUrl` is the same over TLS, for `credentials-https.json`.
 */
export async function openTlsDirectory(
  directory: string,
  options: { projectId: string; tokenUrl: string; secureTokenUrl?: string },
): Promise<TlsDirectory> {
  const files = {
    ca: join(directory, 'ca.crt'),
    certificate: join(directory, 'server.crt'),
    key: join(directory, 'server.key'),
  }
  const credentialsFile = join(directory, 'credentials.json')
  const known = await readValid(files)
  const server = known ?? (await writeCertificates(directory, files))
  const { projectId, tokenUrl, secureTokenUrl } = options
  const wroteCredentials = await writeUnlessSame(credentialsFile, credentialsJson({ projectId, tokenUrl }))
  const secureCredentialsFile = secureTokenUrl === undefined ? undefined : join(directory, 'credentials-https.json')
  const wroteSecure =
    secureCredentialsFile !== undefined &&
    (await writeUnlessSame(secureCredentialsFile, credentialsJson({ projectId, tokenUrl: secureTokenUrl ?? '' })))
  const written = known === undefined || wroteCredentials || wroteSecure
  return { caFile: files.ca, credentialsFile, secureCredentialsFile, server, written }
}

/** Whether the file had to be written. */
async function writeUnlessSame(file: string, content: string): Promise<boolean> {
  if ((await readFile(file, 'utf8').catch(() => '')) === content) return false
  await write(file, content, 0o600)
  return true
}

async function writeCertificates(
  directory: string,
  files: { ca: string; certificate: string; key: string },
): Promise<TlsMaterial> {
  const made = createCertificates()
  await mkdir(directory, { recursive: true })
  await write(files.key, made.serverKey, 0o600)
  await write(files.certificate, made.serverCertificate, 0o644)
  await write(files.ca, made.caCertificate, 0o644)
  return { certificate: made.serverCertificate, privateKey: made.serverKey }
}

/**
 * Credentials of workload identity federation: Google's libraries for all languages exchange them for a token at the
 * URL in the file. A service account's key would not do, since some libraries only exchange it at Google.
 */
function credentialsJson({ projectId, tokenUrl }: { projectId: string; tokenUrl: string }): string {
  const credentials = {
    type: 'external_account',
    audience: '//iam.googleapis.com/locations/global/workforcePools/cloud-emulator/providers/cloud-emulator',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: tokenUrl,
    credential_source: {
      url: tokenUrl,
      format: { type: 'json', subject_token_field_name: 'subject_token' },
    },
    project_id: projectId,
    universe_domain: 'googleapis.com',
  }
  return `${JSON.stringify(credentials, null, 2)}\n`
}

async function readValid(files: { ca: string; certificate: string; key: string }): Promise<TlsMaterial | undefined> {
  try {
    const [ca, certificate, privateKey] = await Promise.all(
      [files.ca, files.certificate, files.key].map((file) => readFile(file, 'utf8')),
    )
    if (!ca || !certificate || !privateKey) return undefined
    const server = new X509Certificate(certificate)
    const authority = new X509Certificate(ca)
    const inAnotherDay = Date.now() + MIN_VALID_MS
    const valid =
      server.validToDate.getTime() > inAnotherDay &&
      authority.validToDate.getTime() > inAnotherDay &&
      server.verify(authority.publicKey) &&
      server.checkPrivateKey(createPrivateKey(privateKey))
    return valid ? { certificate, privateKey } : undefined
  } catch {
    return undefined
  }
}

/** Renames a temporary file, so that readers never see half a file, and no one reads a key before its mode is set. */
async function write(file: string, content: string, mode: number): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`
  await writeFile(temporary, content, { mode })
  await chmod(temporary, mode)
  await rename(temporary, file)
}
