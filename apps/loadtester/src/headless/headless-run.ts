import { resolve } from 'node:path'
import type { LoadOverride } from '../contract/api.ts'
import type { HttpEngine } from '../flow/engines.ts'
import { ArtilleryReportBuilder } from '../report/artillery-report.ts'
import { summaryOf } from '../report/run-summary.ts'
import { Master } from '../run/master.ts'
import { MasterError } from '../run/master-error.ts'
import type { ReadScriptOptions } from '../script/script.ts'
import { ScriptError } from '../script/script-error.ts'
import { LocalFleet } from '../service/local-fleet.ts'
import { createRunRequest } from '../start/run-request.ts'
import { TargetError } from '../start/target-check.ts'
import {
  checkOutputFiles,
  type FinishedRun,
  OutputFileError,
  type OutputFiles,
  outputPaths,
  resolveOutput,
  writeOutputFiles,
} from './output-files.ts'
import { renderProgress, renderSummary } from './summary-text.ts'

export interface HeadlessOptions {
  readonly script: string
  readonly settings: Omit<ReadScriptOptions, 'testId'>
  readonly load: LoadOverride
  readonly workers: number
  readonly files: OutputFiles
  /** A failed request fails the run. */
  readonly failOnErrors: boolean
  readonly json: boolean
  /** Prints no progress and no summary. */
  readonly quiet: boolean
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
  const { json, quiet } = options
  try {
    const files = await resolveOutput(options.files, new Date())
    await checkOutputFiles(files)
    const finished = await runLoad(options, output)
    const { report } = finished
    if (json) output.stdout(`${JSON.stringify(summaryOf(report))}\n`)
    else if (!quiet) output.stdout(renderSummary(report, outputPaths(files)))
    await writeOutputFiles(files, finished)
    return report.exitCode
  } catch (error) {
    if (!isExpected(error)) throw error
    output.stderr(`loadtester: ${error.message}\n`)
    return output.signal.aborted ? EXIT_CODE.interrupted : EXIT_CODE.unusable
  }
}

async function runLoad(options: HeadlessOptions, { stderr, signal }: HeadlessOutput): Promise<FinishedRun> {
  const { script, workers, version, httpEngine, maximumSeries, json, quiet } = options
  const request = {
    ...(await createRunRequest(script, options.settings, { ...options.load, keepsDuration: true })),
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
    const artillery = new ArtilleryReportBuilder(request.endpoints ?? new Map())
    if (options.files.output !== undefined) run.results.observe((atMs, tally) => artillery.add(atMs, tally))
    const progress = setInterval(() => {
      if (!json && !quiet) stderr(renderProgress(run.report(master.now())))
    }, PROGRESS_INTERVAL_MS)
    await master.ended(run)
    clearInterval(progress)
    const report = run.report(master.now())
    const { startedMs, endedMs = master.now() } = report
    const { total: tally } = run.results
    const seconds = run.activeSecondsUntil(endedMs)
    return {
      ...{ report, failOnErrors: options.failOnErrors },
      artillery: () => artillery.build({ tally, startedMs, endedMs, seconds }),
    }
  } finally {
    await fleet.close()
    master.close()
  }
}

function isExpected(error: unknown): error is Error {
  return [ScriptError, TargetError, MasterError, OutputFileError].some((type) => error instanceof type)
}
