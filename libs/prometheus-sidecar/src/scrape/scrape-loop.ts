import { performance } from 'node:perf_hooks'
import type { Log } from '../log/log.ts'
import type { Ingester } from '../model/ingester.ts'
import { ExpositionError } from './exposition-error.ts'
import { DEFAULT_MAX_SAMPLES, type Exposition, formatOf, parseExposition } from './exposition-parser.ts'
import { ScrapeClient, ScrapeError } from './scrape-request.ts'
import { type ScrapeTarget, scrapeOffsetMs } from './scrape-target.ts'
import { ScrapedSeries, type ScrapeObserver } from './scraped-series.ts'
import type { ScrapedTargets } from './scraped-targets.ts'

/** The outcome of the last scrape of a target. */
export interface TargetHealth {
  readonly target: ScrapeTarget
  readonly up: boolean | undefined
  readonly lastError: string | undefined
  readonly durationSeconds: number
  readonly samples: number
}

/** Options of {@link ScrapeLoop}. */
export interface ScrapeLoopOptions {
  readonly targets: readonly ScrapeTarget[]
  readonly directory: ScrapedTargets
  readonly ingester: Ingester
  readonly observer: Omit<ScrapeObserver, 'seriesAdded'>
  readonly version: string
  readonly log: Pick<Log, 'warn' | 'info'>
}

/** The first scrapes are spread over this long at most, so that the first points arrive soon. */
const SPREAD_MS = 2_000

/** The first two scrapes of a target are this far apart at most: a cumulative point needs both of them. */
const FIRST_INTERVAL_MS = 5_000
const FIRST_SCRAPES = 3

/** Scrapes targets at their intervals, and ingests each scrape as one batch. */
export class ScrapeLoop {
  readonly #options: ScrapeLoopOptions
  readonly #client: ScrapeClient
  readonly #abort = new AbortController()
  readonly #health = new Map<ScrapeTarget, TargetHealth>()
  #running: Promise<void>[] = []

  constructor(options: ScrapeLoopOptions) {
    this.#options = options
    this.#client = new ScrapeClient(options.version)
    for (const target of options.targets) {
      this.#health.set(target, {
        target,
        up: undefined,
        lastError: undefined,
        durationSeconds: 0,
        samples: 0,
      })
    }
  }

  get health(): readonly TargetHealth[] {
    return [...this.#health.values()]
  }

  start(): void {
    this.#running = this.#options.targets.map((target) => this.#run(target))
  }

  /** Stops scraping; scrapes in flight are aborted. */
  async stop(): Promise<void> {
    this.#abort.abort()
    await Promise.all(this.#running)
    this.#client.close()
  }

  async #run(target: ScrapeTarget): Promise<void> {
    const { intervalMs } = target.job
    const { directory, ingester, observer } = this.#options
    const seriesObserver: ScrapeObserver = {
      seriesAdded: (labels) => directory.noteOrigin(labels, target),
      seriesDropped: (drop) => observer.seriesDropped(drop),
      sampleDropped: (reason) => observer.sampleDropped(reason),
      exemplarDropped: () => observer.exemplarDropped(),
    }
    const series = new ScrapedSeries(target, seriesObserver, ingester)
    let nextMs = performance.now() + scrapeOffsetMs(target, Math.min(intervalMs, SPREAD_MS))
    let lastMs = Number.NaN
    let waitMs = intervalMs
    for (let scrapes = 1; !this.#abort.signal.aborted; scrapes++) {
      await this.#sleepUntil(nextMs)
      if (this.#abort.signal.aborted) return
      lastMs = alignTimestamp(Date.now(), lastMs, waitMs)
      await this.#scrape(target, series, lastMs)
      waitMs = scrapes < FIRST_SCRAPES ? Math.min(intervalMs, FIRST_INTERVAL_MS) : intervalMs
      const late = performance.now() - nextMs
      nextMs += waitMs * Math.max(1, Math.ceil(late / waitMs))
    }
  }

  async #scrape(target: ScrapeTarget, series: ScrapedSeries, timestampMs: number): Promise<void> {
    const { directory } = this.#options
    const startedMs = performance.now()
    let exposition: Exposition | undefined
    let failure: string | undefined
    try {
      const answer = await this.#client.request(target, this.#abort.signal)
      exposition = parseExposition(answer.body, formatOf(answer.contentType), {
        ...limitsOf(target),
        expected: series.expected,
        into: series.takeSamples(),
      })
    } catch (error) {
      if (this.#abort.signal.aborted) return
      if (!(error instanceof ScrapeError || error instanceof ExpositionError)) throw error
      failure = error instanceof ExpositionError ? `${target.url}: ${error.message}` : error.message
    }
    const durationSeconds = (performance.now() - startedMs) / 1000
    if (exposition !== undefined) directory.learn(target, exposition.metadata)
    let batch: ReturnType<ScrapedSeries['batch']>
    try {
      batch = series.batch(exposition, timestampMs, {
        up: exposition !== undefined,
        durationSeconds,
        samplesScraped: exposition?.samples.length ?? 0,
      })
    } catch (error) {
      if (!(error instanceof ExpositionError)) throw error
      failure = `${target.url}: ${error.message}`
      exposition = undefined
      batch = series.batch(undefined, timestampMs, { up: false, durationSeconds, samplesScraped: 0 })
    }
    this.#note(target, failure, durationSeconds, exposition?.samples.length ?? 0)
    this.#options.ingester.ingest(batch, { deadlineMs: Number.POSITIVE_INFINITY }).then(
      () => series.reuse(batch),
      (error: unknown) => {
        if (!this.#abort.signal.aborted)
          this.#options.log.warn({ err: error, target: target.url }, 'A scrape could not be ingested.')
      },
    )
  }

  /** Logs once when a target fails, and once when it recovers. */
  #note(target: ScrapeTarget, failure: string | undefined, durationSeconds: number, samples: number): void {
    const before = this.#health.get(target)
    if (failure !== undefined && before?.lastError !== failure) {
      this.#options.log.warn({ target: target.url, job: target.job.name }, `A scrape failed: ${failure}.`)
    } else if (failure === undefined && before?.up === false) {
      this.#options.log.info({ target: target.url, job: target.job.name }, `${target.url} is reachable again.`)
    }
    this.#health.set(target, {
      target,
      up: failure === undefined,
      lastError: failure,
      durationSeconds,
      samples,
    })
  }

  async #sleepUntil(timeMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, Math.max(0, timeMs - performance.now()))
    const { signal } = this.#abort
    const wake = () => resolve()
    signal.addEventListener('abort', wake, { once: true })
    await promise
    clearTimeout(timer)
    signal.removeEventListener('abort', wake)
  }
}

/** Deviations up to this fraction of the interval are attributed to the timer. */
const TIMESTAMP_TOLERANCE = 0.02

/**
 * The time of a scrape's samples: a whole number of intervals after the last scrape if it is close to that, so that a
 * late timer does not put points closer together than the interval.
 */
export function alignTimestamp(nowMs: number, lastMs: number, intervalMs: number): number {
  const intervals = Math.round((nowMs - lastMs) / intervalMs)
  const alignedMs = lastMs + intervals * intervalMs
  return intervals > 0 && Math.abs(nowMs - alignedMs) <= intervalMs * TIMESTAMP_TOLERANCE ? alignedMs : nowMs
}

function limitsOf({ job }: ScrapeTarget): { readonly maxSamples: number } {
  return {
    maxSamples: job.sampleLimit === 0 ? DEFAULT_MAX_SAMPLES : Math.min(job.sampleLimit, DEFAULT_MAX_SAMPLES),
  }
}
