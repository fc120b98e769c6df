import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { type Logger, Registry, registerProcessMetrics, urlHost } from '@node-to-cloud/telemetry'
import type { FastifyInstance } from 'fastify'
import { type ConfigFile, parseConfigFile } from './config/config-file.ts'
import type { Flags } from './config/flags.ts'
import type { Identity } from './config/identity.ts'
import { checkPrometheusFiles } from './config/prometheus-files.ts'
import { UsageError } from './config/usage-error.ts'
import type { SavedState, StateJournal } from './conversion-state.ts'
import type { ConversionRules } from './convert/conversion-rules.ts'
import { HoleFiller } from './holes/hole-filler.ts'
import { NoJournal } from './ingest/no-journal.ts'
import { SampleIngester } from './ingest/sample-ingester.ts'
import { SidecarMetrics, type SidecarState } from './metrics.ts'
import { readiness } from './readiness.ts'
import { registerRemoteWrite } from './remote-write/receiver.ts'
import { parseScrapeConfig } from './scrape/scrape-config.ts'
import { ScrapeLoop } from './scrape/scrape-loop.ts'
import { type ScrapeTarget, scrapeTargets } from './scrape/scrape-target.ts'
import { ScrapedTargets } from './scrape/scraped-targets.ts'
import { prometheusSource, type Source, saveTargets } from './source.ts'
import { CommitWatch } from './state/commit-watch.ts'
import { FORGET_AFTER_MS, openJournal } from './state/journal.ts'
import { lockStateFile } from './state/state-lock.ts'
import { statusSections } from './status.ts'
import { startTimers } from './timers.ts'
import { VERSION } from './version.ts'
import { createWebServer } from './web/server.ts'
import { type ApiClient, connectApi } from './write/api-client.ts'
import { type CreateTimeSeries, Writer } from './write/writer.ts'

/** Replaces parts, for programs that measure or break the sidecar. */
export interface AppOverrides {
  readonly decorateJournal?: (journal: StateJournal) => StateJournal
  /** Takes the requests in Cloud Monitoring's place. */
  readonly createTimeSeries?: CreateTimeSeries
}

/** A running sidecar. */
export interface App {
  /** Such as `http://127.0.0.1:9091`. */
  readonly url: string
  /** Takes what still comes for a grace, then refuses, finishes or abandons what is in flight, saves the state and closes all. */
  close(): Promise<void>
}

/** What the program read: flags, the files that they name, and where the metrics belong. */
export interface AppConfig {
  readonly flags: Flags
  readonly identity: Identity
  readonly configFile: ConfigFile
  /** Undefined: Prometheus scrapes and sends. */
  readonly targets: readonly ScrapeTarget[] | undefined
}

/** For the grace and what is in flight after it, together; the latter has some time in any case. */
const FLUSH_TIMEOUT_MS = 10_000
const MIN_FLUSH_TIMEOUT_MS = 2_000
const MAX_PENDING_POINTS = 200_000
const MAX_WAITING_PARTS = 1_000_000
const WAIT_FOR_PARTS_MS = 300_000
const RESTART_DOCUMENT = 'prometheus-start'

/** Reads the files that flags name. Throws a {@link UsageError} or a `ScrapeConfigError`, which name each problem. */
export async function readConfig(flags: Flags, identity: Identity): Promise<AppConfig> {
  let configFile: ConfigFile = { metricRenames: new Map(), staticMetadata: new Map() }
  if (flags.configFile !== '') {
    const { config, problems } = parseConfigFile(await readText('--config-file', flags.configFile))
    if (problems.length > 0) throw new UsageError(problems.map((problem) => `${flags.configFile}: ${problem}`))
    configFile = config
  }
  let targets: ScrapeTarget[] | undefined
  const problems = flags.scrapeConfig === '' ? await checkPrometheusFiles(flags.prometheus) : []
  if (problems.length > 0) throw new UsageError(problems)
  if (flags.scrapeConfig !== '') {
    targets = scrapeTargets(
      parseScrapeConfig(await readText('--scrape.config', flags.scrapeConfig), flags.scrapeConfig),
    )
  }
  return { flags, identity, configFile, targets }
}

async function readText(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new UsageError([`${flag}: ${file} can't be read (${cause instanceof Error ? cause.message : cause})`], {
      cause,
    })
  }
}

/** Starts the sidecar: state, API, ingestion, its source of samples, and its web server. */
export async function startApp(config: AppConfig, logger: Logger, overrides: AppOverrides = {}): Promise<App> {
  const { flags, identity, targets: scraped } = config
  const lock = flags.stateFile === '' ? undefined : await lockStateFile(flags.stateFile)
  const opened = lock === undefined ? undefined : await openJournal(flags.stateFile, { log: logger })
  const api: ApiClient | undefined =
    overrides.createTimeSeries === undefined
      ? await connectApi(flags.apiAddress, { projectId: identity.projectId })
      : undefined
  const createTimeSeries = overrides.createTimeSeries ?? api?.createTimeSeries
  if (createTimeSeries === undefined) throw new TypeError('there is nobody to write to')

  const source: Source =
    scraped === undefined
      ? prometheusSource(flags, logger, opened?.saved)
      : { kind: 'scrape', directory: new ScrapedTargets(scraped), targets: scraped }
  const rules = conversionRules(config, source)
  const registry = new Registry()
  registerProcessMetrics(registry)
  const state: { writer?: Writer; ingester?: SampleIngester } = {}
  const metrics = new SidecarMetrics(registry, logger, gauges(state, flags, source), { version: VERSION })
  const writer = new Writer({
    projectName: `projects/${identity.projectId}`,
    createTimeSeries,
    observer: metrics,
    maxQueuedPoints: source.kind === 'scrape' ? flags.scrapeBufferPoints : undefined,
  })
  state.writer = writer
  const ingester = new SampleIngester({
    rules,
    targets: source.directory,
    writer,
    observer: metrics,
    assembly: {
      learnForMs: source.kind === 'scrape' ? 0 : flags.learnForMs,
      waitAtMostMs: WAIT_FOR_PARTS_MS,
      maxWaitingParts: MAX_WAITING_PARTS,
    },
    wholeScrapes: source.kind === 'scrape',
    maxSeries: flags.maxSeries,
    maxPendingPoints: source.kind === 'scrape' ? undefined : MAX_PENDING_POINTS,
    forgetAfterMs: FORGET_AFTER_MS,
    ...(opened === undefined ? {} : { saved: opened.saved }),
  })
  state.ingester = ingester
  const plainJournal: StateJournal = (await opened?.start(() => ingester.states())) ?? new NoJournal()
  const journal = overrides.decorateJournal?.(plainJournal) ?? plainJournal
  ingester.attach(journal)
  const commits = new CommitWatch(journal, logger)

  const closing = { begun: false }
  const filler =
    source.kind === 'prometheus'
      ? holeFiller(source, ingester, metrics, logger, { journal, saved: opened?.saved })
      : undefined
  const loop =
    source.kind === 'scrape'
      ? new ScrapeLoop({
          targets: source.targets,
          directory: source.directory,
          ingester,
          version: VERSION,
          log: logger,
        })
      : undefined
  const server = createWebServer({
    registry,
    readiness: () => readiness(closing.begun, writer, source, commits),
    status: () => statusSections({ config, metrics, writer, ingester, source, loop }),
    onConnection: () => filler?.senderConnected(),
    log: logger,
  })
  if (filler !== undefined) {
    registerRemoteWrite(server, {
      ingester: filler,
      counters: metrics,
      log: logger,
      maxBodyBytes: flags.maxBodyBytes,
      maxDecompressedBytes: flags.maxBodyBytes,
      allowRemotePeers: flags.allowRemoteWriters,
    })
  }
  await server.listen({ host: flags.listen.host, port: flags.listen.port })
  const timers = startTimers({ ingester, source, journal, commits, filler, logger })
  loop?.start()
  const url = `http://${urlHost(flags.listen.host)}:${portOf(server)}`
  announce(config, url, logger)

  return {
    url,
    async close() {
      closing.begun = true
      if (loop === undefined) await sleep(flags.shutdownGraceMs)
      await loop?.stop()
      ingester.close()
      const abandoned = await writer.close(Math.max(MIN_FLUSH_TIMEOUT_MS, FLUSH_TIMEOUT_MS - flags.shutdownGraceMs))
      ingester.abandon()
      if (abandoned > 0) {
        const then = loop === undefined ? 'Prometheus sends them again' : 'they are lost'
        logger.warn({ points: abandoned }, `Points were not written before the end; ${then}.`)
      }
      for (const timer of timers) clearInterval(timer)
      saveTargets(source, journal)
      await journal.close()
      lock?.release()
      await server.close()
      if (source.kind === 'prometheus') source.api.close()
      await api?.close()
    },
  }
}

function conversionRules({ flags, identity, configFile }: AppConfig, source: Source): ConversionRules {
  const noLabels = new Map<string, string>()
  return {
    metricsPrefix: flags.metricsPrefix,
    resourceDefaults: {
      ...identity,
      genericLocation: flags.genericLocation,
      genericNamespace: flags.genericNamespace,
    },
    useGkeResource: flags.useGkeResource,
    targetlessResource: flags.targetlessResource,
    include: flags.include,
    metricRenames: configFile.metricRenames,
    staticMetadata: configFile.staticMetadata,
    get externalLabels() {
      return source.kind === 'prometheus' ? source.directory.externalLabels : noLabels
    },
    minSamplingPeriodMs: flags.minSamplingPeriodMs,
  }
}

function gauges(state: { writer?: Writer; ingester?: SampleIngester }, flags: Flags, source: Source): SidecarState {
  return {
    queuedPoints: () => state.writer?.queuedPoints ?? 0,
    queueCapacity: () => (source.kind === 'scrape' ? flags.scrapeBufferPoints : MAX_PENDING_POINTS),
    requestsInFlight: () => state.writer?.requestsInFlight ?? 0,
    concurrency: () => state.writer?.concurrency ?? 0,
    series: () => state.ingester?.seriesCount ?? 0,
    waitingParts: () => state.ingester?.waitingParts ?? 0,
  }
}

function holeFiller(
  source: Extract<Source, { kind: 'prometheus' }>,
  ingester: SampleIngester,
  metrics: SidecarMetrics,
  logger: Logger,
  state: { readonly journal: StateJournal; readonly saved: SavedState | undefined },
): HoleFiller {
  return new HoleFiller({
    saved: state.saved?.documents.get(RESTART_DOCUMENT),
    save: (restart) => state.journal.document(RESTART_DOCUMENT, restart),
    ingester,
    askPrometheus: (path, query, options) => source.api.get(path, query, options),
    externalLabels: () => source.directory.externalLabels,
    observer: {
      prometheusRestarted: (startedMs) =>
        logger.info(
          { started: new Date(startedMs).toISOString() },
          'Prometheus was restarted; holes are filled from its database.',
        ),
      filled: (samples) => metrics.holeFilled(samples),
      unfilled: (series, reason) => {
        metrics.holeUnfilled(series)
        logger.warn({ series, reason }, 'Holes that a restart of Prometheus left can’t be filled.')
      },
    },
  })
}

function announce({ flags, identity, targets }: AppConfig, url: string, logger: Logger): void {
  if (flags.ignored.length > 0)
    logger.info({ flags: flags.ignored }, 'Flags of Google’s sidecar that mean nothing here are ignored.')
  if (flags.stateFile === '') {
    logger.warn('Without --state-file each counter’s first sample after a restart is only a baseline.')
  }
  const from =
    targets === undefined
      ? `samples come to ${url}/api/v1/write from Prometheus at ${flags.prometheus.url.href}`
      : `${targets.length} targets of ${flags.scrapeConfig} are scraped`
  logger.info(
    { url, project: identity.projectId },
    `The sidecar is at ${url}/; ${from}, points go to ${flags.apiAddressText}.`,
  )
}

function portOf(server: FastifyInstance): number {
  const address: AddressInfo | string | null = server.server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function sleep(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs))
}
