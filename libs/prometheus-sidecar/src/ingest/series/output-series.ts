import type { WrittenInterval } from '../../convert/cumulative.ts'
import type { MetricUsage } from '../../write/metric-usage.ts'
import { SeriesQueue } from '../../write/series-queue.ts'

/**
 * A Cloud Monitoring time series as ingestion sees it: the queue of its points, and the interval that its next point
 * must follow.
 */
export class OutputSeries extends SeriesQueue implements WrittenInterval {
  readonly usage: MetricUsage
  /** How many Prometheus series map to it. */
  sources = 0
  /** Interval of the newest queued point; NaN before the first. */
  startMs = Number.NaN
  endMs = Number.NaN
  /** At most one point is written per period of this length; 0: no limit. */
  periodMs = 0

  constructor(identity: Uint8Array, integer: boolean, usage: MetricUsage) {
    super(identity, integer)
    this.usage = usage
  }
}
