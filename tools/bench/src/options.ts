import {
  file,
  flag,
  integer,
  type ProgramSpec,
  packageVersion,
  readCommandLine,
  repeatable,
  text,
} from '@node-to-cloud/command-line'

/** What a run of the benchmarks was asked for. */
export interface BenchOptions {
  /** Names of scenarios; all where empty. */
  readonly only: readonly string[]
  readonly rounds: number
  readonly json: boolean
  readonly list: boolean
  /** A Markdown file for the result. */
  readonly out: string | undefined
}

const PROGRAM = {
  name: 'bench',
  calledAs: 'npm run bench --',
  version: packageVersion(import.meta.url),
  summary: 'Benchmarks, side by side in one run; results are medians and ratios',
  arguments: { SCENARIO: repeatable(text({ help: 'Name of a scenario; all of them by default' })) },
  options: {
    rounds: integer({ min: 1, max: 50, default: 5, help: 'Rounds that count' }),
    json: flag({ help: 'Print one JSON object' }),
    out: file({ help: 'Also write the result as Markdown' }),
    list: flag({ help: 'List the scenarios and exit' }),
  },
  details: 'Exit code: 0; 1 if a bound is missed; 2 for a bad option.',
} as const satisfies ProgramSpec

/**
 * Reads the command line of `npm run bench`.
 *
 * @returns the options, or the text that `--help` or `--version` asked for
 * @throws {UsageError} naming everything that can't be used
 */
export function readOptions(args: readonly string[]): BenchOptions | string {
  const line = readCommandLine(PROGRAM, args)
  return line.kind === 'information' ? line.text : { only: line.arguments.SCENARIO, ...line.options }
}
