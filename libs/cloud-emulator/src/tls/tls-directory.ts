import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
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
 * GOOGLE_APPLICATION_CREDENTIALS), and the server's key and certificate. Existing files are kept while they are valid
 * for another day. Private keys are readable by their owner only.
 */
export async function openTlsDirectory(directory: string, options: { projectId: string }): Promise<TlsDirectory> {
  const files = {
    ca: join(directory, 'ca.crt'),
    certificate: join(directory, 'server.crt'),
    key: join(directory, 'server.key'),
    credentials: join(directory, 'credentials.json'),
  }
  const known = await readValid(files)
  if (known) return { caFile: files.ca, credentialsFile: files.credentials, server: known, written: false }
  const made = createCertificates()
  await mkdir(directory, { recursive: true })
  await write(files.key, made.serverKey, 0o600)
  await write(files.certificate, made.serverCertificate, 0o644)
  await write(files.ca, made.caCertificate, 0o644)
  await write(files.credentials, credentialsJson(made.clientKey, options.projectId), 0o600)
  return {
    caFile: files.ca,
    credentialsFile: files.credentials,
    server: { certificate: made.serverCertificate, privateKey: made.serverKey },
    written: true,
  }
}

/**
 * The key file of a service account. Because its universe domain is not googleapis.com, Google's libraries sign their
 * own tokens with it and contact no server.
 */
function credentialsJson(privateKey: string, projectId: string): string {
  const credentials = {
    type: 'service_account',
    project_id: projectId,
    private_key_id: 'cloud-emulator',
    private_key: privateKey,
    client_email: `cloud-emulator@${projectId}.iam.gserviceaccount.com`,
    client_id: '0',
    universe_domain: 'local.test',
  }
  return `${JSON.stringify(credentials, null, 2)}\n`
}

async function readValid(files: {
  ca: string
  certificate: string
  key: string
  credentials: string
}): Promise<TlsMaterial | undefined> {
  try {
    const [ca, certificate, privateKey, credentials] = await Promise.all(
      [files.ca, files.certificate, files.key, files.credentials].map((file) => readFile(file, 'utf8')),
    )
    if (!ca || !certificate || !privateKey || !credentials) return undefined
    const server = new X509Certificate(certificate)
    const authority = new X509Certificate(ca)
    const inAnotherDay = Date.now() + MIN_VALID_MS
    const valid =
      server.validToDate.getTime() > inAnotherDay &&
      authority.validToDate.getTime() > inAnotherDay &&
      server.verify(authority.publicKey) &&
      server.checkPrivateKey(createPrivateKey(privateKey))
    createPublicKey(JSON.parse(credentials).private_key)
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
