import { spawn } from 'node:child_process'

/** gcloud is not installed, or a call of it failed. */
export class GcloudError extends Error {
  readonly code: 'ERR_GCLOUD_MISSING' | 'ERR_GCLOUD_FAILED'
  readonly exitCode = 1

  constructor(code: GcloudError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GcloudError'
    this.code = code
  }
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
    throw new GcloudError(
      'ERR_GCLOUD_FAILED',
      `gcloud ${args.slice(0, 3).join(' ')} failed:\n${errors.trim() || `exit code ${status}`}`,
    )
  }
  return output
}
