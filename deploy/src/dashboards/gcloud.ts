import { spawn } from 'node:child_process'

/** The version that these calls are tested with. */
export const TESTED_VERSION = '528.0.0'

/** gcloud is not installed, lacks a command, or a call of it failed. */
export class GcloudError extends Error {
  readonly code: 'ERR_GCLOUD_MISSING' | 'ERR_GCLOUD_COMMAND' | 'ERR_GCLOUD_FAILED'
  readonly exitCode = 1

  constructor(code: GcloudError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GcloudError'
    this.code = code
  }
}

const LACKS_COMMAND =
  /Invalid choice: '|You do not currently have this command group installed|components install alpha/

function commandOf(args: readonly string[]): string {
  return args.slice(0, args[0] === 'alpha' ? 4 : 3).join(' ')
}

/**
 * Runs gcloud and returns its standard output.
 *
 * @throws GcloudError that says what to do next
 */
export async function runGcloud(args: readonly string[]): Promise<string> {
  const child = spawn('gcloud', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CLOUDSDK_CORE_DISABLE_PROMPTS: '1' },
  })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause) => {
      reject(
        new GcloudError(
          'ERR_GCLOUD_MISSING',
          'gcloud is not installed. Install the Google Cloud CLI (https://cloud.google.com/sdk/docs/install), run `gcloud auth login`, and try again; --dry-run works without it.',
          { cause },
        ),
      )
    })
    child.on('close', resolve)
  })
  if (status !== 0) {
    if (LACKS_COMMAND.test(errors)) {
      throw new GcloudError(
        'ERR_GCLOUD_COMMAND',
        `this gcloud has no command "${commandOf(args)}". Version ${TESTED_VERSION} has it: run \`gcloud components update\`` +
          `${args[0] === 'alpha' ? ' and `gcloud components install alpha`' : ''}.`,
      )
    }
    throw new GcloudError(
      'ERR_GCLOUD_FAILED',
      `gcloud ${commandOf(args)} failed:\n${errors.trim() || `exit code ${status}`}`,
    )
  }
  return output
}
