import type { AddressInfo } from 'node:net'
import { formatHostPort, listenOn } from '@node-to-cloud/command-line'
import { type Logger, Registry, registerProcessMetrics, urlHost } from '@node-to-cloud/telemetry'
import type { Config } from './config/config.ts'
import type { ConversionRules } from './convert/conversion-rules.ts'
import { ElectedIngester, TERM_DOCUMENT } from './election/elected-ingester.ts'
import type { Election } from './election/election.ts'
import { openElection } from './election/open-election.ts'
import type { IngestObserver } from './ingest/ingest-observer.ts'
import { SampleIngester } from './ingest/sample-ingester.ts'
import { memoryLimits } from './memory-limits.ts'
import type { SavedState, StateJournal } from './model/conversion-state.ts'
import { VERSION } from './model/version.ts'
import { PrometheusSource } from './prometheus-source.ts'
import { ScrapeSource } from './scrape-source.ts'
import type { SampleSource } from './source.ts'
import { CommitWatch } from './state/commit-watch.ts'
import { FORGET_AFTER_MS, openJournal } from './state/journal.ts'
import { NoJournal } from './state/no-journal.ts'
import { checkStateFormat, keepStateFormat } from './state/state-format.ts'
import { lockStateFile } from './state/state-lock.ts'
import { registerGauges } from './web/gauges.ts'
import { SidecarMetrics } from './web/metrics.ts'
import { readiness } from './web/readiness.ts'
import { RecentCounts } from './web/recent-counts.ts'
import { createWebServer } from './web/server.ts'
import { statusSections } from './web/status.ts'
import { usageTable } from './web/usage-text.ts'
import { type ApiClient, connectApi } from './write/api-client.ts'
import { type CreateTimeSeries, Writer } from './write/writer.ts'

/** Replaces parts of the sidecar, for programs that measure it or make it fail. */
export interface AppOverrides {
  readonly decorateJournal?: (journal: StateJournal) => StateJournal
  /** Receives the requests instead of Cloud Monitoring. */
  readonly createTimeSeries?: CreateTimeSeries
}

/** A running sidecar. */
export interface App {
  /** The URL it listens on, such as `http://127.0.0.1:9091`. */
  readonly url: string
  /**
   * Accepts samples for the grace period, then rejects new ones, finishes or abandons what is in flight, saves the
   * state and closes everything.
   */
  close(): Promise<void>
}

/**
 * How long points in flight may take to be written at shutdown, minus the grace period, but never less than the
 * minimum.
 */
const FLUSH_TIMEOUT_MS = 10_000
const MIN_FLUSH_TIMEOUT_MS = 2_000
const WAIT_FOR_PARTS_MS = 300_000
const TICK_MS = 1_000
const SWEEP_MS = 300_000
const DRY_RUN_MS = 60_000

/** Starts the sidecar: state, API, ingestion, its source of samples, and its web server. */
export async function startApp(config: Config, logger: Logger, overrides: AppOverrides = {}): Promise<App> {
  const { flags } = config
  const lock = flags.stateFile === '' ? undefined : await lockStateFile(flags.stateFile)
  const opened = lock === undefined ? undefined : await openJournal(flags.stateFile, { log: logger })
  if (opened !== undefined) checkStateFormat(opened.saved, flags.metricsFormat, flags.stateFile)
  const election = await openElectionOf(config, opened?.saved, logger)
  const api = await apiClient(config, overrides)
  const source = sourceOf(config, opened?.saved, logger)

  const registry = new Registry()
  registerProcessMetrics(registry)
  const metrics = new SidecarMetrics(registry, logger)
  const recent = new RecentCounts(() => metrics.counts)
  const writer = new Writer({
    projectName: `projects/${config.identity.projectId}`,
    createTimeSeries: api.createTimeSeries,
    observer: metrics,
    maxQueuedPoints: source.sendsAgain ? undefined : source.queueCapacity,
  })
  const ingester = createIngester(config, source, { writer, observer: metrics, saved: opened?.saved })
  const limits = { queueCapacity: source.queueCapacity, maxSeriesBytes: memoryLimits().seriesBytes }
  registerGauges(registry, { version: VERSION, ...limits, writer, ingester, election })
  const plainJournal: StateJournal = (await opened?.start(() => ingester.states())) ?? new NoJournal()
  const journal = overrides.decorateJournal?.(plainJournal) ?? plainJournal
  keepStateFormat(journal, flags.metricsFormat)
  ingester.attach(journal)
  const commits = new CommitWatch(journal, logger)

  const queuedPoints = (): number => writer.queuedPoints
  const elected = election && new ElectedIngester({ ingester, election, journal, queuedPoints, observer: metrics })

  let closing = false
  const server = createWebServer({
    registry,
    readiness: () => readiness({ closing, writer, commits, metrics, election, sourceProblems: source.problems() }),
    status: () => statusSections({ config, metrics, recent, writer, ingester, election, source: source.status() }),
    log: logger,
    listenHost: flags.listen.host,
    allowedHosts: flags.allowedHosts,
  })
  source.attach({ ingester: elected ?? ingester, journal, metrics }, server)
  await listenOn(server, flags.listen, '--web.listen-address')
  const timers = startTimers({ ingester, recent, commits }, flags.dryRun)
  if (elected !== undefined) election?.start(elected)
  source.start()
  const url = `http://${urlHost(flags.listen.host)}:${portOf(server.server.address())}`
  logStart(config, { url, source }, logger)
  warnOfSeriesGivenUp(ingester, logger)

  return {
    url,
    async close() {
      closing = true
      commits.expectSuccessor()
      await source.stop(flags.shutdownGraceMs)
      await flush({ ingester, writer, source, logger }, flags.shutdownGraceMs)
      await election?.close()
      if (flags.dryRun) printUsage(ingester)
      for (const timer of timers) clearInterval(timer)
      source.close()
      await commits.close()
      lock?.release()
      await server.close()
      api.close()
    },
  }
}

function startTimers(
  { ingester, recent, commits }: { ingester: SampleIngester; recent: RecentCounts; commits: CommitWatch },
  isDryRun: boolean,
): NodeJS.Timeout[] {
  const tick = (): void => {
    ingester.tick()
    recent.tick(performance.now())
    void commits.commit()
  }
  const timers = [setInterval(tick, TICK_MS), setInterval(() => ingester.sweep(), SWEEP_MS)]
  if (isDryRun) timers.push(setInterval(() => printUsage(ingester), DRY_RUN_MS))
  return timers.map((timer) => timer.unref())
}

function warnOfSeriesGivenUp({ seriesGivenUp: series }: SampleIngester, logger: Logger): void {
  if (series === 0) return
  logger.warn(
    { series },
    'There is not enough memory for all series of the last run: the newest are dropped until there is more.',
  )
}

function printUsage({ usage }: SampleIngester): void {
  process.stdout.write(`${usageTable(usage.monthly())}\n\n`)
}

/** Writes the points in flight, and abandons those left after the timeout. */
async function flush(
  {
    ingester,
    writer,
    source,
    logger,
  }: { ingester: SampleIngester; writer: Writer; source: SampleSource; logger: Logger },
  graceMs: number,
): Promise<void> {
  ingester.close()
  const abandoned = await writer.close(Math.max(MIN_FLUSH_TIMEOUT_MS, FLUSH_TIMEOUT_MS - graceMs))
  ingester.abandon()
  if (abandoned === 0) return
  const fate = source.sendsAgain ? 'Prometheus will send them again' : 'they are lost'
  logger.warn({ points: abandoned }, `Some points were not written before the shutdown; ${fate}.`)
}

function sourceOf({ flags, scrapeJobs }: Config, saved: SavedState | undefined, logger: Logger): SampleSource {
  if (scrapeJobs !== undefined) return new ScrapeSource(flags, scrapeJobs, logger)
  return new PrometheusSource(flags, logger, saved)
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function apiClient({ flags, identity }: Config, { createTimeSeries }: AppOverrides): Promise<ApiClient> {
  if (createTimeSeries !== undefined) return { createTimeSeries, async close() {} }
  if (flags.dryRun) return { async createTimeSeries() {}, async close() {} }
  return connectApi(flags.apiAddress, { projectId: identity.projectId })
}

async function openElectionOf(
  { flags }: Config,
  saved: SavedState | undefined,
  log: Logger,
): Promise<Election | undefined> {
  if (flags.election === undefined) return undefined
  const term = saved?.documents.get(TERM_DOCUMENT)
  return openElection(flags.election, {
    savedTermMs: typeof term === 'number' ? term : undefined,
    env: process.env,
    log,
  })
}

function createIngester(
  config: Config,
  source: SampleSource,
  parts: { readonly writer: Writer; readonly observer: IngestObserver; readonly saved: SavedState | undefined },
): SampleIngester {
  const { learningPeriodMs, maxSeries } = config.flags
  return new SampleIngester({
    ...parts,
    rules: conversionRules(config, source),
    targets: source.directory,
    assembly: {
      learningPeriodMs: source.wholeScrapes ? 0 : learningPeriodMs,
      maxWaitMs: WAIT_FOR_PARTS_MS,
      maxWaitingParts: memoryLimits().waitingParts,
    },
    wholeScrapes: source.wholeScrapes,
    maxSeries,
    maxSeriesBytes: memoryLimits().seriesBytes,
    maxPendingPoints: source.sendsAgain ? source.queueCapacity : undefined,
    forgetAfterMs: FORGET_AFTER_MS,
  })
}

function conversionRules({ flags, identity, configFile }: Config, source: SampleSource): ConversionRules {
  return {
    format: flags.metricsFormat,
    metricsPrefix: flags.metricsPrefix,
    resourceDefaults: {
      ...identity,
      genericLocation: flags.genericLocation,
      genericNamespace: flags.genericNamespace,
    },
    useGkeResource: flags.useGkeResource,
    targetlessResource: flags.targetlessResource,
    include: flags.include,
    intervals: flags.intervals,
    metricRenames: configFile.metricRenames,
    staticMetadata: configFile.staticMetadata,
    get externalLabels() {
      return source.externalLabels
    },
    get formerExternalLabels() {
      return source.formerExternalLabels
    },
    minSamplingPeriodMs: flags.minSamplingPeriodMs,
  }
}

function logStart(
  { flags, identity }: Config,
  { url, source }: { readonly url: string; readonly source: SampleSource },
  logger: Logger,
): void {
  if (flags.ignored.length > 0)
    logger.info({ flags: flags.ignored }, 'Some flags of Google’s sidecar have no effect here and are ignored.')
  if (flags.dryRun) logger.info({}, 'This is a dry run: nothing is written to Cloud Monitoring, and no state is kept.')
  else if (flags.stateFile === '') {
    logger.warn('Without --state-file, the first sample of each counter after a restart is only a baseline.')
  }
  logger.info(
    { url, project: identity.projectId },
    `The sidecar is at ${url}/; ${source.describe(url)} and ${flags.dryRun ? 'would write' : 'writes'} points to ${formatHostPort(flags.apiAddress)}.`,
  )
}
