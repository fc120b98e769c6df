import { setTimeout as sleep } from 'node:timers/promises'
import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { Logger } from '@node-to-cloud/telemetry'
import type { FastifyInstance } from 'fastify'
import { Auditor } from './audit/auditor.ts'
import type { Flags } from './config/flags.ts'
import type { StatusSection } from './contract/status.ts'
import { GapFiller } from './gaps/gap-filler.ts'
import { remoteReader } from './gaps/remote-read.ts'
import { HeapWatch, memoryLimits } from './memory-limits.ts'
import type { SavedState } from './model/conversion-state.ts'
import type { Labels } from './model/labels/labels.ts'
import type { SampleSink, SampleSource } from './source.ts'
import { PrometheusApi } from './targets/prometheus-api.ts'
import { PrometheusTargets } from './targets/prometheus-targets.ts'
import { registerRemoteWrite } from './web/receiver.ts'
import { formatTime } from './web/status.ts'

const MAX_PENDING_POINTS = 200_000
const MAX_ITEMS_PER_REQUEST = 1_000_000
/** Names of documents in the state file. */
const TARGETS_DOCUMENT = 'targets'

/** A Prometheus that sends samples by remote_write, and whose API reports its targets. */
export class PrometheusSource implements SampleSource {
  readonly directory: PrometheusTargets
  readonly wholeScrapes = false
  readonly queueCapacity = MAX_PENDING_POINTS
  readonly sendsAgain = true
  readonly #flags: Flags
  readonly #logger: Logger
  readonly #api: PrometheusApi
  readonly #timers: NodeJS.Timeout[] = []
  #sink: SampleSink | undefined
  #gapFiller: GapFiller | undefined
  #auditor: Auditor | undefined

  /** @param saved - the state of the last run */
  constructor(flags: Flags, logger: Logger, saved: SavedState | undefined) {
    this.#flags = flags
    this.#logger = logger
    this.#api = new PrometheusApi(flags.prometheus)
    this.directory = new PrometheusTargets({
      request: (path, query) => this.#api.get(path, query),
      log: logger,
      saved: saved?.documents.get(TARGETS_DOCUMENT),
      receiverPort: flags.listen.port,
    })
  }

  get externalLabels(): Labels {
    return this.directory.externalLabels
  }

  get formerExternalLabels(): readonly Labels[] {
    return this.directory.formerExternalLabels
  }

  attach(sink: SampleSink, server: FastifyInstance): void {
    const gapFiller = this.#createGapFiller(sink)
    const { bodiesBytes, items } = memoryLimits()
    sink.ingester.closeGapsWith(gapFiller)
    registerRemoteWrite(server, {
      ingester: sink.ingester,
      counters: sink.metrics,
      log: this.#logger,
      maxBodyBytes: this.#flags.maxBodyBytes,
      maxDecompressedBytes: this.#flags.maxBodyBytes,
      maxItems: Math.min(MAX_ITEMS_PER_REQUEST, items),
      maxInFlightItems: items,
      maxInFlightBytes: bodiesBytes,
      maxReceivedBytes: bodiesBytes,
      memory: new HeapWatch(),
      allowRemotePeers: this.#flags.allowRemoteWriters,
    })
    this.#sink = sink
    this.#gapFiller = gapFiller
    if (this.#flags.auditEveryMs > 0) this.#auditor = this.#createAuditor(sink)
  }

  start(): void {
    let round = 0
    const refresh = () => {
      round += 1
      void this.directory.refreshAll({ metadata: round % 5 === 1 })
    }
    const fillGaps = () =>
      this.#gapFiller
        ?.tick()
        .catch((error: unknown) => this.#logger.error({ err: error }, 'Searching for gaps failed.'))
    const audit = () =>
      this.#auditor?.tick().catch((error: unknown) => this.#logger.error({ err: error }, 'The audit failed.'))
    refresh()
    this.#timers.push(setInterval(refresh, 60_000).unref())
    this.#timers.push(setInterval(() => this.#saveTargets(), 5_000).unref())
    this.#timers.push(setInterval(fillGaps, 5_000).unref())
    this.#timers.push(setInterval(audit, 5_000).unref())
  }

  async stop(graceMs: number): Promise<void> {
    await sleep(graceMs)
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#auditor?.close()
    this.#saveTargets()
    this.#api.close()
  }

  problems(): readonly string[] {
    const { lastError } = this.directory.health
    return lastError === undefined ? [] : [lastError]
  }

  status(): StatusSection {
    const { lastResponseMs, lastError, targets } = this.directory.health
    return {
      title: 'Prometheus',
      rows: [
        ['Address', this.#flags.prometheus.url.href],
        ['Known targets', formatCount(targets)],
        ['Last response', formatTime(lastResponseMs)],
        ['Error', lastError ?? 'none'],
        ['Audit', this.#sink?.metrics.audit.describe() ?? 'none yet'],
      ],
    }
  }

  describe(url: string): string {
    return `it accepts samples at ${url}/api/v1/write from Prometheus at ${this.#flags.prometheus.url.href}`
  }

  #createGapFiller({ ingester, metrics }: SampleSink): GapFiller {
    return new GapFiller({
      ingester,
      queryPrometheus: (path, query, options) => this.#api.get(path, query, options),
      readHistograms: remoteReader((path, body, options) => this.#api.post(path, body, options)),
      checkConfig: () => this.directory.checkConfig(),
      externalLabels: () => this.directory.externalLabels,
      isSent: (labels) => this.directory.sends(labels),
      observer: {
        filled: (samples) => metrics.gapFilled(samples),
        unfilled: (lost) => {
          metrics.gapUnfilled(lost)
          this.#logger.warn(lost, 'Samples that Prometheus did not send can’t be recovered.')
        },
      },
    })
  }

  #createAuditor({ ingester, metrics }: SampleSink): Auditor {
    return new Auditor({
      ingester,
      queryPrometheus: (path, query, options) => this.#api.get(path, query, options),
      externalLabels: () => this.directory.externalLabels,
      isSent: (labels) => this.directory.sends(labels),
      observer: metrics.audit,
      roundMs: this.#flags.auditEveryMs,
    })
  }

  #saveTargets(): void {
    const targets = this.directory.save()
    if (targets !== undefined) this.#sink?.journal.document(TARGETS_DOCUMENT, targets)
  }
}
