import { access, constants, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { HttpEngine } from '../flow/engines.ts'
import { readBounds } from '../report/ensure.ts'
import { renderReportHtml } from '../report/html.ts'
import { type RunReport, summaryOf } from '../report/run-report.ts'
import { MasterError } from '../run/master-error.ts'
import { checkTargetReachable, TargetError } from '../run/target-check.ts'
import { chooseLoad, type LoadOverride } from '../script/choose-load.ts'
import { readScript } from '../script/script.ts'
import { ScriptError } from '../script/script-error.ts'
import { referenceOf } from '../script/script-reference.ts'
import { LocalFleet } from '../service/local-fleet.ts'
import { renderProgress, renderSummary } from './summary-text.ts'

/** What `loadtester run` is asked for. */
export interface HeadlessOptions extends LoadOverride {
  readonly script: string
  readonly target?: string | undefined
  readonly environment?: string | undefined
  readonly workers: number
  readonly reportFile?: string | undefined
  readonly json: boolean
  readonly httpEngine: HttpEngine
  readonly maximumSeries: number
  readonly version: string
}

/** Where a headless run writes. */
export interface HeadlessOutput {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Aborted when a signal asks for the end: the run stops and its results are still given. */
  readonly signal: AbortSignal
}

const progressEveryMs = 2000
/** Of a run that a signal ended before it began, as shells have it. */
const interruptedExitCode = 130

/**
 * Runs a script on this machine and prints the summary.
 *
 * @returns the exit code: 0; 1 when a bound of the script is missed; 2 for a script, an option or a target that can't be
 *   used; 130 where a signal ends it before there is a load.
 */
export async function runHeadless(options: HeadlessOptions, output: HeadlessOutput): Promise<number> {
  let fleet: LocalFleet | undefined
  try {
    if (options.reportFile !== undefined) await checkReportFile(options.reportFile)
    const script = await readScript(options.script, { target: options.target, environment: options.environment })
    const load = chooseLoad(script, options)
    if (load.profile.durationSeconds === Number.POSITIVE_INFINITY) {
      output.stderr('The load has no end: Ctrl-C stops it and gives the results; --duration SECONDS sets one.\n')
    }
    const bounds = readBounds(script.document.config)
    await checkTargetReachable(script)
    fleet = new LocalFleet({
      workers: options.workers,
      version: options.version,
      httpEngine: options.httpEngine,
      maximumSeries: options.maximumSeries,
      resolveScript: () => script.path,
      log: () => {},
    })
    const { master } = fleet
    await master.waitForWorkers(options.workers, 10_000)
    const starting = master.start({
      ...load,
      script: referenceOf(script, options.environment),
      bounds,
    })
    const onAbort = (): void => void master.stop('interrupted')
    output.signal.addEventListener('abort', onAbort, { once: true })
    if (output.signal.aborted) onAbort()
    const run = await starting
    const progress = options.json
      ? undefined
      : setInterval(() => output.stderr(renderProgress(run.report(master.now()))), progressEveryMs)
    await master.ended(run)
    clearInterval(progress)
    const report = run.report(master.now())
    output.stdout(options.json ? `${JSON.stringify(summaryOf(report))}\n` : renderSummary(report, options.reportFile))
    if (options.reportFile !== undefined) await writeReport(options.reportFile, report)
    return report.ok ? 0 : 1
  } catch (error) {
    if (
      error instanceof ScriptError ||
      error instanceof TargetError ||
      error instanceof MasterError ||
      error instanceof ReportFileError
    ) {
      output.stderr(`loadtester: ${error.message}\n`)
      return output.signal.aborted ? interruptedExitCode : 2
    }
    throw error
  } finally {
    await fleet?.close()
  }
}

/** The report can't be written where it was asked for. */
export class ReportFileError extends Error {
  readonly code = 'REPORT_FILE'
}

/** Says before the load, not after it, that a report can't be written. */
async function checkReportFile(path: string): Promise<void> {
  try {
    const known = await stat(path).catch(() => undefined)
    if (known?.isDirectory() === true) throw new Error('it is a folder')
    await access(known === undefined ? dirname(path) : path, constants.W_OK)
  } catch (error) {
    throw unwritable(path, error)
  }
}

async function writeReport(path: string, report: RunReport): Promise<void> {
  try {
    await writeFile(path, renderReportHtml(report))
  } catch (error) {
    throw unwritable(path, error)
  }
}

function unwritable(path: string, cause: unknown): ReportFileError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ReportFileError(`the report can't be written to ${path}: ${reason}`, { cause })
}
