import type { Drop, DropReason } from '../convert/drop-reason.ts'
import { decodeLabels } from '../model/labels/labels.ts'
import type { Point } from '../model/time-series.ts'
import type { UsageByMetric } from '../write/metric-usage.ts'
import type { PointOutcome } from '../write/series-queue.ts'
import type { IngestObserver } from './ingest-observer.ts'
import type { SeriesEntry } from './series/series-entry.ts'

/** Reports the outcome of samples: each dropped one is counted, and logged once per series and reason. */
export class Drops {
  readonly #observer: IngestObserver
  readonly #usage: UsageByMetric
  readonly #reportedMs = new Map<DropReason, number>()

  constructor(observer: IngestObserver, usage: UsageByMetric) {
    this.#observer = observer
    this.#usage = usage
  }

  drop(entry: SeriesEntry, reason: DropReason, detail = ''): void {
    this.#observer.sampleDropped(reason)
    if (!entry.warnOnce(reason)) return
    this.#observer.seriesDropped({ reason, detail, labels: () => describeLabels(entry.labels) })
  }

  /**
   * Drops samples of a series that is not kept. Each reason is reported at most once a minute, since nothing records
   * which series were already reported.
   */
  dropUnknown(labels: Uint8Array, { drop: reason, detail }: Drop, samples: number, nowMs: number): void {
    for (let sample = 0; sample < samples; sample++) this.#observer.sampleDropped(reason)
    if (nowMs < (this.#reportedMs.get(reason) ?? Number.NEGATIVE_INFINITY) + REPORT_INTERVAL_MS) return
    this.#reportedMs.set(reason, nowMs)
    this.#observer.seriesDropped({ reason, detail, labels: () => describeLabels(labels) })
  }

  count(entry: SeriesEntry, outcome: PointOutcome, point: Point | undefined): void {
    switch (outcome.kind) {
      case 'stored':
      case 'already_stored':
        this.#observer.pointStored(outcome.kind)
        if (entry.output !== undefined && point !== undefined) this.#usage.add(entry.output.usage, point)
        break
      case 'refused':
        this.#observer.pointRefused(outcome.code)
        this.drop(entry, 'refused', outcome.reason)
        break
      case 'too_frequent':
        this.drop(entry, 'too_frequent', outcome.reason)
        break
      case 'displaced':
        this.drop(entry, 'buffer_full')
        break
      case 'passed':
    }
  }
}

const REPORT_INTERVAL_MS = 60_000
const MAX_DESCRIBED_BYTES = 64 * 1024

/** A series in Prometheus' notation: `name{label="value"}`. */
export function describeLabels(bytes: Uint8Array): string {
  let labels: Map<string, string>
  try {
    if (bytes.length > MAX_DESCRIBED_BYTES) throw new RangeError('the labels are too long')
    labels = decodeLabels(bytes)
  } catch {
    return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString('hex')}`
  }
  const name = labels.get('__name__') ?? ''
  labels.delete('__name__')
  return `${name}{${[...labels].map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')}}`
}
