import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

const TIMEOUT_MS = 120_000

/** Why the tests of gcloud are skipped. */
export const NO_GCLOUD =
  spawnSync('gcloud', ['--version'], { stdio: 'ignore' }).status === 0 ? false : 'gcloud is not installed'

/** The exit of a program. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A configuration of gcloud for an emulator, in a folder that ends with the test. */
export interface GcloudSession {
  readonly folder: string
  /** Runs a program in its environment. */
  run(file: string, args: readonly string[]): Promise<Outcome>
}

/** Makes a configuration of gcloud that sends all requests to an emulator. */
export async function gcloudSession(context: TestContext, url: string): Promise<GcloudSession> {
  const folder = await mkdtemp(join(tmpdir(), 'gcloud-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'token'), 'none')
  const env = {
    PATH: process.env.PATH,
    CLOUDSDK_CONFIG: join(folder, 'configuration'),
    CLOUDSDK_CORE_PROJECT: 'demo-project',
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: '1',
    CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: join(folder, 'token'),
    CLOUDSDK_API_ENDPOINT_OVERRIDES_MONITORING: `${url}/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING: `${url}/`,
  }
  return {
    folder,
    run: (file, args) =>
      new Promise((resolve) => {
        execFile(file, args, { env, timeout: TIMEOUT_MS }, (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
        )
      }),
  }
}
