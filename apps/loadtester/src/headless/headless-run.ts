import { access, constants, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import type { LoadOverride } from '../contract/api.ts'
import type { RunReport } from '../contract/run-report.ts'
import type { HttpEngine } from '../flow/engines.ts'
import { renderReportHtml } from '../report/html.ts'
import { summaryOf } from '../report/run-summary.ts'
import { Master } from '../run/master.ts'
import { MasterError } from '../run/master-error.ts'
import { ScriptError } from '../script/script-error.ts'
import { LocalFleet } from '../service/local-fleet.ts'
import { createRunRequest } from '../start/run-request.ts'
import { TargetError } from '../start/target-check.ts'
import { renderProgress, renderSummary } from './summary-text.ts'

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

export interface HeadlessOutput {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Aborted by a signal: the run stops, and its results are still printed. */
  readonly signal: AbortSignal
}

/** The report can't be written. */
export class ReportFileError extends Error {
  readonly code = 'ERR_REPORT_FILE'
}

const PROGRESS_INTERVAL_MS = 2000
const WORKERS_TIMEOUT_MS = 10_000

const EXIT_CODE = { passed: 0, failed: 1, unusable: 2, interrupted: 130 } as const

/**
 * Runs a script on this machine and prints the summary.
 *
 * @returns the exit code: 0; 1 if a bound of the script is missed or the run failed; 2 if the script, an option or the
 *   target can't be used; 130 if a signal comes before there is any load.
 */
export async function runHeadless(options: HeadlessOptions, output: HeadlessOutput): Promise<number> {
  const { json, reportFile } = options
  try {
    if (reportFile !== undefined) await checkReportFile(reportFile)
    const report = await runLoad(options, output)
    output.stdout(json ? `${JSON.stringify(summaryOf(report))}\n` : renderSummary(report, reportFile))
    if (reportFile !== undefined) await writeReport(reportFile, report)
    return report.ok ? EXIT_CODE.passed : EXIT_CODE.failed
  } catch (error) {
    if (!isExpected(error)) throw error
    output.stderr(`loadtester: ${error.message}\n`)
    return output.signal.aborted ? EXIT_CODE.interrupted : EXIT_CODE.unusable
  }
}

async function runLoad(options: HeadlessOptions, { stderr, signal }: HeadlessOutput): Promise<RunReport> {
  const { script, workers, version, httpEngine, maximumSeries, json } = options
  const request = await createRunRequest(script, options)
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
  return [ScriptError, TargetError, MasterError, ReportFileError].some((type) => error instanceof type)
}

/** Reports before the load, rather than after it, that a report can't be written. */
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
  return new ReportFileError(`the report can't be written to ${path}: ${messageOf(cause)}`, { cause })
}
