import { resolve } from 'node:path'
import type { LoadOverride } from '../contract/api.ts'
import type { RunReport } from '../contract/run-report.ts'
import type { HttpEngine } from '../flow/engines.ts'
import { summaryOf } from '../report/run-summary.ts'
import { Master } from '../run/master.ts'
import { MasterError } from '../run/master-error.ts'
import { ScriptError } from '../script/script-error.ts'
import { LocalFleet } from '../service/local-fleet.ts'
import { createRunRequest } from '../start/run-request.ts'
import { TargetError } from '../start/target-check.ts'
import { checkOutputFiles, OutputFileError, type OutputFiles, outputPaths, writeOutputFiles } from './output-files.ts'
import { renderProgress, renderSummary } from './summary-text.ts'

export interface HeadlessOptions extends LoadOverride {
  readonly script: string
  readonly target?: string | undefined
  readonly environment?: string | undefined
  readonly workers: number
  readonly files: OutputFiles
  /** A failed request fails the run. */
  readonly failOnErrors: boolean
  readonly json: boolean
  readonly httpEngine: HttpEngine
  readonly maximumSeries: number
  readonly version: string
}

export interface HeadlessOutput {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Aborted by a signal: the run stops, and its results are still printed. */
  readonly signal: AbortSignal
}

const PROGRESS_INTERVAL_MS = 2000
const WORKERS_TIMEOUT_MS = 10_000

const EXIT_CODE = { unusable: 2, interrupted: 130 } as const

/**
 * Runs a script on this machine and prints the summary.
 *
 * @returns the exit code: that of the report (0; 1 if the run failed; or what the script suggests); 2 if the script, an
 *   option or the target can't be used; 130 if a signal comes before there is any load.
 */
export async function runHeadless(options: HeadlessOptions, output: HeadlessOutput): Promise<number> {
  const { json, files, failOnErrors } = options
  try {
    await checkOutputFiles(files)
    const report = await runLoad(options, output)
    output.stdout(json ? `${JSON.stringify(summaryOf(report))}\n` : renderSummary(report, outputPaths(files)))
    await writeOutputFiles(files, report, { failOnErrors })
    return report.exitCode
  } catch (error) {
    if (!isExpected(error)) throw error
    output.stderr(`loadtester: ${error.message}\n`)
    return output.signal.aborted ? EXIT_CODE.interrupted : EXIT_CODE.unusable
  }
}

async function runLoad(options: HeadlessOptions, { stderr, signal }: HeadlessOutput): Promise<RunReport> {
  const { script, workers, version, httpEngine, maximumSeries, json } = options
  const request = {
    ...(await createRunRequest(script, { ...options, keepsDuration: true })),
    failOnErrors: options.failOnErrors,
  }
  if (request.profile.durationSeconds === Number.POSITIVE_INFINITY)
    stderr('The load has no end: stop it with Ctrl-C to get the results, or set --duration.\n')
  if (workers > 1) for (const notice of request.notices ?? []) stderr(`${notice}\n`)
  const log = (): void => {}
  const master = new Master({ version, maximumSeries, log })
  const resolveScript = (): string => resolve(script)
  const fleet = new LocalFleet(master, workers, { version, weight: 1, httpEngine, maximumSeries, resolveScript, log })
  try {
    await master.waitForWorkers(workers, WORKERS_TIMEOUT_MS)
    const starting = master.start(request)
    const interrupt = (): void => void master.stop('interrupted')
    signal.addEventListener('abort', interrupt, { once: true })
    if (signal.aborted) interrupt()
    const run = await starting
    const progress = setInterval(() => {
      if (!json) stderr(renderProgress(run.report(master.now())))
    }, PROGRESS_INTERVAL_MS)
    await master.ended(run)
    clearInterval(progress)
    return run.report(master.now())
  } finally {
    await fleet.close()
    master.close()
  }
}

function isExpected(error: unknown): error is Error {
  return [ScriptError, TargetError, MasterError, OutputFileError].some((type) => error instanceof type)
}
