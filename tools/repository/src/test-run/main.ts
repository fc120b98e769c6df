/**
 * `npm test` and `npm run e2e`: has nx run a target of all projects, and ends with one line of totals. Colours are for terminals:
 * a file gets none, nor does a dumb terminal, and NO_COLOR is honoured. With `--retry-failed`, projects that fail are run once more,
 * and those that pass then are named as flaky.
 */
import { runMain } from '@node-to-cloud/command-line'
import { runNx } from './nx-run.ts'
import { readTestRunOptions, type TestRunOptions } from './options.ts'

const [target = 'test', ...args] = process.argv.slice(2)

runMain('test-run', async () => {
  const options = readTestRunOptions(target, args)
  if (typeof options === 'string') process.stdout.write(options)
  else await run(options)
})

async function run({ nxArgs, retryFailed }: TestRunOptions): Promise<void> {
  const { NO_COLOR, TERM } = process.env
  const stopping = new AbortController()
  const runOptions = { isColored: process.stdout.isTTY && !NO_COLOR && TERM !== 'dumb', signal: stopping.signal }

  // The terminal sends Ctrl-C to nx too; its end is awaited.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
  let isInterrupted = false
  process.on('SIGINT', () => {
    isInterrupted = true
  })

  const { exitCode, isKilled, totals, failedProjects } = await runNx(target, nxArgs, runOptions)
  process.stdout.write(`\n${totals}\n`)
  process.exitCode = exitCode
  if (exitCode === 0 && totals.runs === 0) {
    process.stderr.write(
      'No test has run: is the name after --projects= one of those that "npx nx show projects" lists?\n',
    )
    process.exitCode = 2
  }
  if (retryFailed && failedProjects.length > 0 && !isKilled && !isInterrupted) {
    const names = failedProjects.join(', ')
    process.stdout.write(`\nRunning again, since they failed: ${names}\n`)
    const others = nxArgs.filter((option) => !option.startsWith('--projects'))
    const retry = await runNx(target, [...others, `--projects=${failedProjects.join(',')}`], runOptions)
    if (retry.exitCode === 0)
      process.stdout.write(`\nFlaky, which is a bug: ${names}. The first failures are printed above.\n`)
    process.stdout.write(`\n${retry.totals}\n`)
    process.exitCode = retry.exitCode
  }
}
