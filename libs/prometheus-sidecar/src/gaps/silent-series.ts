import { messageOf } from '@node-to-cloud/command-line'
import { type Ingester, RetryLaterError } from '../model/ingester.ts'
import { decodeLabels, type Labels, labelsKey, withoutLabels } from '../model/labels.ts'
import type { SampleBatch, SeriesSpan } from '../model/sample.ts'
import { type AskPrometheus, queryRawSamples, reachesBack, seriesSelector, targetSelector } from './raw-sample-query.ts'
import type { RawSamples } from './raw-samples.ts'
import type { Restart } from './restart-watch.ts'

/** How far ingestion got with a series. */
export interface AcceptedSeries {
  /** In the form of `encodeLabels`. */
  readonly labels: Uint8Array
  readonly newestMs: number
}

export interface SilentSeriesOptions {
  readonly ingester: Pick<Ingester, 'ingest'> & { acceptedSeries(): Iterable<AcceptedSeries> }
  readonly askPrometheus: AskPrometheus
  readonly externalLabels: () => Labels
  readonly filled: (samples: number) => void
  readonly unfilled: (restart: Restart, series: readonly string[], reason: string) => void
  readonly nowMs: () => number
}

/**
 * How far apart the shards of remote_write may be: at most the 2 h in Prometheus' WAL. A series that was further behind
 * the newest sample had ended before, and has no gap.
 */
const MAX_LAG_MS = 2 * 60 * 60_000
/** How long after a restart queries are repeated while Prometheus does not answer. */
const GIVE_UP_AFTER_MS = 10 * 60_000
/** Cloud Monitoring does not accept older points. */
const OLDEST_MS = 24 * 60 * 60_000
/** With more, all series of a target are queried at once. */
const MAX_SINGLE_QUERIES = 20

/**
 * Fills the gaps of series that did not return after a restart of Prometheus, because their target was gone: nothing
 * that is sent reveals them, so they are found in the sidecar's own state.
 */
export class SilentSeries {
  readonly #options: SilentSeriesOptions

  constructor(options: SilentSeriesOptions) {
    this.#options = options
  }

  /**
   * Resolves when the gap of each such series is filled and settled, or counted. Rejects with a {@link RetryLaterError}
   * if it must be called again, which then skips what is filled.
   */
  async fill(restart: Restart): Promise<void> {
    for (const series of this.#byTarget(restart).values()) {
      const selectors =
        series.length > MAX_SINGLE_QUERIES
          ? [{ selector: targetSelector(decodeLabels(series[0]?.labels ?? Buffer.of())), series }]
          : series.map((one) => ({ selector: this.#selectorOf(one), series: [one] }))
      const found: FoundSeries[] = []
      for (const { selector, series } of selectors) found.push(...(await this.#ask(restart, selector, series)))
      if (found.length === 0) continue
      // Without a deadline: nobody would send these samples again.
      await this.#options.ingester.ingest(batchOf(found), { deadlineMs: Number.POSITIVE_INFINITY })
      this.#options.filled(found.reduce((sum, { samples }) => sum + samples.values.length, 0))
    }
  }

  #byTarget(restart: Restart): Map<string, AcceptedSeries[]> {
    const oldestMs = Math.max(restart.takenMs - MAX_LAG_MS, this.#options.nowMs() - OLDEST_MS)
    const silent: AcceptedSeries[] = []
    for (const series of this.#options.ingester.acceptedSeries()) {
      if (series.newestMs < restart.startedMs && series.newestMs >= oldestMs) silent.push(series)
    }
    return Map.groupBy(silent, ({ labels }) => targetSelector(decodeLabels(labels)))
  }

  #selectorOf({ labels }: AcceptedSeries): string {
    return seriesSelector(withoutLabels(decodeLabels(labels), this.#options.externalLabels()))
  }

  async #ask(restart: Restart, selector: string, series: readonly AcceptedSeries[]): Promise<FoundSeries[]> {
    const nowMs = this.#options.nowMs()
    const newestMs = Math.min(...series.map((one) => one.newestMs))
    let answer: Map<string, RawSamples>
    try {
      const externalLabels = this.#options.externalLabels()
      answer = await queryRawSamples(this.#options.askPrometheus, selector, { newestMs, nowMs, externalLabels }).series
    } catch (cause) {
      const reason = messageOf(cause)
      if (nowMs < restart.seenMs + GIVE_UP_AFTER_MS) throw new RetryLaterError('targets', reason, { cause })
      this.#options.unfilled(restart, series.map(keyOf), reason)
      return []
    }
    const lost = series.filter((one) => !reachesBack(answer.get(keyOf(one)), one.newestMs))
    if (lost.length > 0) {
      this.#options.unfilled(restart, lost.map(keyOf), 'Prometheus’ database has no sample from before the gap')
    }
    return series.flatMap((one) => {
      const samples = answer.get(keyOf(one))
      if (!reachesBack(samples, one.newestMs)) return []
      const from = samples.timestampsMs.findIndex((timestampMs) => timestampMs > one.newestMs)
      const to = samples.timestampsMs.findLastIndex((timestampMs) => timestampMs < restart.startedMs) + 1
      if (from < 0 || from >= to) return []
      const { timestampsMs, values } = samples
      return [
        { labels: one.labels, samples: { timestampsMs: timestampsMs.slice(from, to), values: values.slice(from, to) } },
      ]
    })
  }
}

interface FoundSeries {
  readonly labels: Uint8Array
  readonly samples: RawSamples
}

function keyOf({ labels }: AcceptedSeries): string {
  return labelsKey(labels)
}

function batchOf(found: readonly FoundSeries[]): SampleBatch {
  const spans: SeriesSpan[] = []
  const timestampsMs: number[] = []
  const values: number[] = []
  let labelsEnd = 0
  for (const { labels, samples } of found) {
    const labelsStart = labelsEnd
    labelsEnd += labels.length
    const samplesStart = values.length
    for (const timestampMs of samples.timestampsMs) timestampsMs.push(timestampMs)
    for (const value of samples.values) values.push(value)
    spans.push({ labelsStart, labelsEnd, samplesStart, samplesEnd: values.length, stale: false, exemplars: [] })
  }
  return { bytes: Buffer.concat(found.map(({ labels }) => labels)), spans, timestampsMs, values }
}
