import { flag, integer, type ProgramSpec, packageVersion, readCommandLine, text } from '@node-to-cloud/command-line'

/** What a run of tests was asked for. */
export interface TestRunOptions {
  /** What is passed on to `nx run-many`. */
  readonly nxArgs: readonly string[]
  readonly retryFailed: boolean
}

/** The scripts of the root's package.json by the target that they run. */
const SCRIPTS: Readonly<Record<string, string>> = {
  test: 'npm test --',
  e2e: 'npm run e2e --',
  'e2e-long': 'npm run e2e:long --',
  'e2e-peers': 'npm run e2e:peers --',
}

/** What it does not know nx itself would pass on to the tests, or leave aside, without a word. */
const PROGRAM = {
  name: 'test-run',
  version: packageVersion(import.meta.url),
  summary: 'Runs the tests of all projects, or of some, and ends with one line of totals',
  options: {
    projects: text({ help: 'Names of projects with commas between them; patterns are allowed' }),
    exclude: text({ help: 'Names of projects that are left out' }),
    parallel: integer({ min: 1, max: 64, help: 'Projects at the same time' }),
    'skip-nx-cache': flag({ help: 'Run what nx has run before, too' }),
    'nx-bail': flag({ help: 'Stop at the first project that fails' }),
    verbose: flag({ help: 'Say what nx does' }),
    'retry-failed': flag({ help: 'Run projects that fail once more, and name those that pass then' }),
  },
  details:
    'The projects: npx nx show projects. Exit code: 0; 1 where a test failed; 2 for a bad option, or where no test has run.',
} as const satisfies ProgramSpec

/**
 * Reads the command line of `npm test` and its like.
 *
 * @returns the options, or the text that `--help` or `--version` asked for
 * @throws {UsageError} naming everything that can't be used
 */
export function readTestRunOptions(target: string, args: readonly string[]): TestRunOptions | string {
  const line = readCommandLine({ ...PROGRAM, calledAs: SCRIPTS[target] ?? target }, args)
  if (line.kind === 'information') return line.text
  const { 'retry-failed': retryFailed, ...forNx } = line.options
  const nxArgs = Object.entries(forNx).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [value === true ? `--${name}` : `--${name}=${value}`],
  )
  return { nxArgs, retryFailed }
}
