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

/** nx itself would silently pass unknown options on to the tests, or ignore them. */
const PROGRAM = {
  name: 'test-run',
  version: packageVersion(import.meta.url),
  summary: 'Runs the tests of all projects, or of some, and ends with one line of totals',
  options: {
    projects: text({ help: 'Names of projects, separated by commas; patterns are allowed' }),
    exclude: text({ help: 'Names of projects to leave out' }),
    parallel: integer({ min: 1, max: 64, help: 'Number of projects to run at the same time' }),
    'skip-nx-cache': flag({ help: 'Ignore the cache of nx' }),
    'nx-bail': flag({ help: 'Stop at the first project that fails' }),
    verbose: flag({ help: 'Print what nx does' }),
    'retry-failed': flag({ help: 'Rerun failed projects once, and report those that then pass as flaky' }),
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
