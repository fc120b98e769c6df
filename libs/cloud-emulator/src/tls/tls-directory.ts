import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TlsMaterial } from '../grpc/grpc-server.ts'
import { createCertificates } from './certificates.ts'

/** The files that clients of the TLS port need, and the server's key. */
export interface TlsDirectory {
  readonly caFile: string
  readonly credentialsFile: string
  readonly server: TlsMaterial
  /** False if the files existed and are still valid. */
  readonly written: boolean
}

const MIN_VALID_MS = 24 * 3600 * 1000

/**
 * Opens or creates a directory with `ca.crt` (for GRPC_DEFAULT_SSL_ROOTS_FILE_PATH), `credentials.json` (for
 * GOOGLE_APPLICATION_CREDENTIALS), and the server's key and certificate. Existing certificates are kept if they are
 * valid for at least one more day. The private key is readable by its owner only. `tokenUrl` is where clients get their
 * token: the emulator's `/token`.
 */
export async function openTlsDirectory(
  directory: string,
  options: { projectId: string; tokenUrl: string },
): Promise<TlsDirectory> {
  const files = {
    ca: join(directory, 'ca.crt'),
    certificate: join(directory, 'server.crt'),
    key: join(directory, 'server.key'),
  }
  const credentialsFile = join(directory, 'credentials.json')
  const known = await readValid(files)
  const server = known ?? (await writeCertificates(directory, files))
  const wroteCredentials = await writeUnlessSame(credentialsFile, credentialsJson(options))
  return { caFile: files.ca, credentialsFile, server, written: known === undefined || wroteCredentials }
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
 * Credentials of a workforce identity federation user: Google's libraries for all languages exchange them for a token
 * at the URL in the file. With a service account key some libraries always contact Google, and for workload identity
 * federation the Java library rejects a URL that is not `https://`.
 */
function credentialsJson({ projectId, tokenUrl }: { projectId: string; tokenUrl: string }): string {
  const credentials = {
    type: 'external_account_authorized_user',
    audience: '//iam.googleapis.com/locations/global/workforcePools/cloud-emulator/providers/cloud-emulator',
    client_id: 'cloud-emulator',
    client_secret: 'cloud-emulator',
    refresh_token: 'cloud-emulator',
    token_url: tokenUrl,
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
    const tomorrow = Date.now() + MIN_VALID_MS
    const valid =
      server.validToDate.getTime() > tomorrow &&
      authority.validToDate.getTime() > tomorrow &&
      server.verify(authority.publicKey) &&
      server.checkPrivateKey(createPrivateKey(privateKey))
    return valid ? { certificate, privateKey } : undefined
  } catch {
    return undefined
  }
}

/**
 * Renames a temporary file, so that readers never see a partial file, and no one can read a key before its mode is set.
 */
async function write(file: string, content: string, mode: number): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`
  await writeFile(temporary, content, { mode })
  await chmod(temporary, mode)
  await rename(temporary, file)
}
