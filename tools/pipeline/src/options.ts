import { parseArgs } from 'node:util'

/** What `start` and `verify` were asked for. */
export interface PipelineOptions {
  readonly command: 'start' | 'verify'
  /** Print one JSON object instead of text (`verify`). */
  readonly json: boolean
  /** How long `verify` waits for the last metric type and trace. */
  readonly timeoutSeconds: number
  /** A real Prometheus from PATH scrapes and remote-writes. */
  readonly prometheus: boolean
  /** Added to every port of the contract. */
  readonly portOffset: number
}

/** The command line can't be used; the message names each bad option, its value and what is allowed. */
export class UsageError extends Error {
  readonly code = 'ERR_USAGE'
  override readonly name = 'UsageError'
}

export const help = `The whole pipeline on this machine: services, load, metrics, traces and an emulated cloud.

  npm start                       run it until Ctrl-C
  npm run verify                  run it until every expected metric type and trace is stored; exit 0, else 1

Options, after --:
  --json              verify: print one JSON object
  --timeout SECONDS   verify: how long to wait (5 to 3600, default 120)
  --prometheus        a real Prometheus from PATH scrapes and remote-writes; without it the sidecar scrapes
  --port-offset N     move every port by N (0 to 50000, default 0), to run beside another pipeline
  --help              this text
`

/**
 * Reads the command line of `npm start` and `npm run verify`.
 *
 * @param argv - the words after the program's name
 * @returns the options, or `'help'` where help was asked for
 * @throws {UsageError} naming every option that can't be used
 */
export function parseOptions(argv: readonly string[]): PipelineOptions | 'help' {
  const { values, positionals } = parse(argv)
  if (values.help) return 'help'
  const problems: string[] = []
  const [command, ...rest] = positionals
  if (command !== 'start' && command !== 'verify') {
    problems.push(`the command must be "start" or "verify", not "${command ?? ''}"`)
  }
  if (rest.length > 0) problems.push(`unexpected "${rest.join(' ')}"`)
  const timeoutSeconds = bounded('--timeout', values.timeout, { fallback: 120, min: 5, max: 3600 }, problems)
  const portOffset = bounded('--port-offset', values['port-offset'], { fallback: 0, min: 0, max: 50_000 }, problems)
  if (command === 'start' && values.json) problems.push('--json goes with verify')
  if (command === 'start' && values.timeout !== undefined) problems.push('--timeout goes with verify')
  if (problems.length > 0 || (command !== 'start' && command !== 'verify')) {
    throw new UsageError(`${problems.join('; ')}\nSee: npm run verify -- --help`)
  }
  return { command, json: values.json ?? false, prometheus: values.prometheus ?? false, timeoutSeconds, portOffset }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        json: { type: 'boolean' },
        timeout: { type: 'string' },
        prometheus: { type: 'boolean' },
        'port-offset': { type: 'string' },
      },
    })
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\nSee: npm run verify -- --help`, {
      cause,
    })
  }
}

function bounded(
  name: string,
  text: string | undefined,
  { fallback, min, max }: { fallback: number; min: number; max: number },
  problems: string[],
): number {
  if (text === undefined) return fallback
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  problems.push(`${name} must be a whole number from ${min} to ${max}, not "${text}"`)
  return fallback
}
