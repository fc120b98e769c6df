import { resolve } from 'node:path'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { messageOf } from '@node-to-cloud/command-line'
import type { LoadOverride } from '../contract/api.ts'
import type { HttpEngine } from '../flow/engines.ts'
import { ArtilleryReportBuilder } from '../report/artillery-report.ts'
import { summaryOf } from '../report/run-summary.ts'
import { Master } from '../run/master.ts'
import { MasterError } from '../run/master-error.ts'
import type { ReadScriptOptions } from '../script/script.ts'
import { ScriptError } from '../script/script-error.ts'
import { LocalFleet } from '../service/local-fleet.ts'
import { RemoteFleet, type RemoteFleetOptions } from '../service/remote-fleet.ts'
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
import { encodeBundle } from './result-bundle.ts'
import { renderProgress, renderSummary } from './summary-text.ts'

export interface HeadlessOptions {
  readonly script: string
  readonly settings: Omit<ReadScriptOptions, 'testId'>
  readonly load: LoadOverride
  /** Engines of this process; or workers on other machines, which connect to an address of it. */
  readonly fleet: { readonly local: number } | (RemoteFleetOptions & { readonly remote: number })
  readonly files: OutputFiles
  /** Default: DEFAULT_PERCENTILES. */
  readonly percentiles?: readonly number[] | undefined
  /** Whether a failed request fails the run. */
  readonly failOnErrors: boolean
  readonly json: boolean
  /** Prints everything that files are made of as one JSON line, in place of the summary. */
  readonly bundle: boolean
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
const LOCAL_TIMEOUT_MS = 10_000
/** Pods may have to wait for a node, and for their image. */
const REMOTE_TIMEOUT_MS = 600_000

const EXIT_CODE = { failed: 1, unusable: 2, interrupted: 130 } as const

/**
 * Runs a script on this machine and prints the summary.
 *
 * @returns the exit code: that of the report (0; 1 if the run failed; or what the script suggests); 1 if the script's
 *   `before` fails; 2 if the script, an option or the target can't be used; 130 if a signal comes before there is any load.
 */
export async function runHeadless(options: HeadlessOptions, output: HeadlessOutput): Promise<number> {
  const { json, quiet } = options
  try {
    const files = await resolveOutput(options.files, new Date())
    await checkOutputFiles(files)
    const finished = await runLoad(options, output)
    const { report } = finished
    if (options.bundle) output.stdout(`${encodeBundle(finished)}\n`)
    else if (json) output.stdout(`${JSON.stringify(summaryOf(report))}\n`)
    else if (!quiet) output.stdout(renderSummary(report, outputPaths(files)))
    await writeOutputFiles(files, finished)
    return report.exitCode
  } catch (error) {
    if (!isExpected(error)) throw error
    output.stderr(`loadtester: ${error.message}\n`)
    if (output.signal.aborted) return EXIT_CODE.interrupted
    return error instanceof MasterError && error.code === 'ERR_HOOK_FAILED' ? EXIT_CODE.failed : EXIT_CODE.unusable
  }
}

async function runLoad(options: HeadlessOptions, { stderr, signal }: HeadlessOutput): Promise<FinishedRun> {
  const { script, version, httpEngine, maximumSeries, json, quiet } = options
  const workers = 'local' in options.fleet ? options.fleet.local : options.fleet.remote
  const request = {
    ...(await createRunRequest(script, options.settings, { ...options.load, keepsDuration: true })),
    failOnErrors: options.failOnErrors,
    percentiles: options.percentiles,
  }
  if (request.profile.durationSeconds === Number.POSITIVE_INFINITY)
    stderr('The load has no end: stop it with Ctrl-C to get the results, or set --duration.\n')
  if (workers > 1) for (const notice of request.notices ?? []) stderr(`${notice}\n`)
  const log = (): void => {}
  const master = new Master({ version, maximumSeries, log })
  const resolveScript = (): string => resolve(script)
  const fleet =
    'local' in options.fleet
      ? new LocalFleet(master, workers, { version, weight: 1, httpEngine, maximumSeries, resolveScript, log })
      : await openRemoteFleet(master, options.fleet, stderr)
  try {
    await master.waitForWorkers(workers, 'local' in options.fleet ? LOCAL_TIMEOUT_MS : REMOTE_TIMEOUT_MS, signal)
    const starting = master.start(request)
    const interrupt = (): void => void master.stop('interrupted')
    signal.addEventListener('abort', interrupt, { once: true })
    if (signal.aborted) interrupt()
    const run = await starting
    const artillery = new ArtilleryReportBuilder(request.endpoints ?? new Map())
    if (options.bundle || options.files.output !== undefined)
      run.results.observe((atMs, tally) => artillery.add(atMs, tally))
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

async function openRemoteFleet(
  master: Master,
  options: RemoteFleetOptions & { readonly remote: number },
  stderr: (text: string) => void,
): Promise<RemoteFleet> {
  try {
    const fleet = await RemoteFleet.open(master, options)
    stderr(`Waiting for ${options.remote} ${plural(options.remote, 'worker')} on port ${fleet.port}.\n`)
    return fleet
  } catch (error) {
    throw new AddressError(`workers can't connect to ${options.host}:${options.port}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** The address for workers can't be listened on. */
class AddressError extends Error {
  readonly code = 'ERR_ADDRESS'
}

function isExpected(error: unknown): error is Error {
  return [ScriptError, TargetError, MasterError, OutputFileError, AddressError].some((type) => error instanceof type)
}
