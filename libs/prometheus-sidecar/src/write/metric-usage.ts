import type { Point } from '../model/time-series.ts'

/** How much of a metric was written to Cloud Monitoring. */
export class MetricUsage {
  readonly metricType: string
  readonly kind: string
  /** Current number of time series. */
  series = 0
  points = 0
  /** Counted as by Managed Service for Prometheus: a distribution is two samples plus one for each non-empty bucket. */
  samples = 0
  /** Counted as for other metrics: 8 for a number, 80 for a distribution. */
  bytes = 0

  constructor(metricType: string, kind: string) {
    this.metricType = metricType
    this.kind = kind
  }

  add({ value }: Point): void {
    this.points += 1
    if (typeof value === 'number') {
      this.samples += 1
      this.bytes += NUMBER_BYTES
      return
    }
    this.samples += 2
    for (const count of value.bucketCounts) if (count > 0) this.samples += 1
    this.bytes += DISTRIBUTION_BYTES
  }
}

const NUMBER_BYTES = 8
const DISTRIBUTION_BYTES = 80
/** A twelfth of 365.25 days. */
const MONTH_MS = 30.4375 * 24 * 60 * 60_000

/** How much is written, by metric. */
export class UsageByMetric {
  readonly #usages = new Map<string, MetricUsage>()
  #oldestMs = Number.POSITIVE_INFINITY
  #newestMs = Number.NEGATIVE_INFINITY

  of(metricType: string, kind: string): MetricUsage {
    let usage = this.#usages.get(metricType)
    if (usage === undefined) {
      usage = new MetricUsage(metricType, kind)
      this.#usages.set(metricType, usage)
    }
    return usage
  }

  /** Counts a point that was stored. */
  add(usage: MetricUsage, point: Point): void {
    usage.add(point)
    if (point.endMs < this.#oldestMs) this.#oldestMs = point.endMs
    if (point.endMs > this.#newestMs) this.#newestMs = point.endMs
  }

  /** What this would be in a month, by the times of the points so far; most bytes first. */
  monthly(): MonthlyUsage[] {
    const elapsedMs = this.#newestMs - this.#oldestMs
    const factor = elapsedMs > 0 ? MONTH_MS / elapsedMs : 0
    return [...this.#usages.values()]
      .map(({ metricType, kind, series, points, samples, bytes }) => ({
        metricType,
        kind,
        series,
        points: points * factor,
        samples: samples * factor,
        bytes: bytes * factor,
      }))
      .sort((a, b) => b.bytes - a.bytes || (a.metricType < b.metricType ? -1 : 1))
  }
}

/** The numbers of {@link MetricUsage}, for a month. */
export interface MonthlyUsage {
  readonly metricType: string
  readonly kind: string
  readonly series: number
  readonly points: number
  readonly samples: number
  readonly bytes: number
}
