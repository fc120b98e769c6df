import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openTlsDirectory } from '../../src/tls/tls-directory.ts'
import { startTestEmulator, type TestEmulator } from '../../test/testing/running-emulator.ts'

const PROJECT = 'demo-project'

export interface EmulatorWithCredentials {
  readonly emulator: TestEmulator
  /** What clients need, according to the emulator's README, to trust its TLS ports and to get a token. */
  readonly env: Readonly<Record<string, string>>
}

/** An emulator with TLS ports that follows the machine's clock. */
export async function startEmulatorWithCredentials(context: TestContext): Promise<EmulatorWithCredentials> {
  const folder = await mkdtemp(join(tmpdir(), 'peer-tls-'))
  context.after(() => rm(folder, { recursive: true }))
  const { server } = await openTlsDirectory(folder, { projectId: PROJECT, tokenUrl: '' })
  const emulator = await startTestEmulator(context, { nowMs: Date.now, tls: server })
  const tokenUrl = `${emulator.url}/token`
  const { caFile, credentialsFile } = await openTlsDirectory(folder, { projectId: PROJECT, tokenUrl })
  return {
    emulator,
    env: {
      GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: caFile,
      NODE_EXTRA_CA_CERTS: caFile,
      REQUESTS_CA_BUNDLE: caFile,
      SSL_CERT_FILE: caFile,
      GOOGLE_APPLICATION_CREDENTIALS: credentialsFile,
      GOOGLE_CLOUD_PROJECT: PROJECT,
      // No Google server is contacted, neither by name nor by address.
      METADATA_SERVER_DETECTION: 'none',
      NO_GCE_CHECK: 'true',
      EMULATOR_PORT: String(emulator.grpcTlsPort),
      EMULATOR_URL: `https://127.0.0.1:${emulator.httpsPort}`,
    },
  }
}
