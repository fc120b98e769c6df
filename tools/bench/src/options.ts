import { parseArgs } from 'node:util'

/** What a run of the benchmarks was asked for. */
export interface BenchOptions {
  /** Names of scenarios; all where empty. */
  readonly only: readonly string[]
  readonly rounds: number
  readonly json: boolean
  readonly list: boolean
  /** A Markdown file for the result. */
  readonly out?: string
}

/** The command line can't be used. */
export class UsageError extends Error {
  readonly code = 'ERR_USAGE'
  override readonly name = 'UsageError'
}

export const help = `Benchmarks, side by side in one run; results are medians and ratios.

  npm run bench -- [SCENARIO …] [--rounds N] [--json] [--out FILE.md] [--list]

  --rounds N     counted rounds, 1 to 50 (default 5)
  --json         print one JSON object
  --out FILE     also write the result as Markdown
  --list         print the scenarios and exit

Exit 0, or 1 where a bound is missed.
`

/**
 * Reads the command line of `npm run bench`.
 *
 * @throws {UsageError} naming what can't be used
 */
export function parseOptions(argv: readonly string[]): BenchOptions | 'help' {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '5' },
        json: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) return 'help'
    const rounds = /^\d+$/.test(values.rounds) ? Number(values.rounds) : 0
    if (rounds < 1 || rounds > 50)
      throw new UsageError(`--rounds must be a whole number from 1 to 50, not "${values.rounds}"`)
    const out = values.out === undefined ? {} : { out: values.out }
    return { only: positionals, rounds, json: values.json, list: values.list, ...out }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
