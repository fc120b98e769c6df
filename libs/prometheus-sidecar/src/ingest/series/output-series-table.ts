import type { TimeSeriesIdentity } from '../../model/time-series.ts'
import type { UsageByMetric } from '../../write/metric-usage.ts'
import { encodeIdentity } from '../../write/time-series-encoding.ts'
import type { ByteStore } from './byte-store.ts'
import { OutputSeries } from './output-series.ts'
import { SeriesTable } from './series-table.ts'

/** All Cloud Monitoring time series: one entry each, even if several Prometheus series map to the same one. */
export class OutputSeriesTable {
  readonly #outputs = new SeriesTable<OutputSeries>(({ identity }) => identity)
  readonly #bytes: ByteStore
  readonly #usage: UsageByMetric

  /** @param bytes - stores the encoded identities */
  constructor(bytes: ByteStore, usage: UsageByMetric) {
    this.#bytes = bytes
    this.#usage = usage
  }

  get size(): number {
    return this.#outputs.size
  }

  /** The time series that one more Prometheus series maps to; created if it is new. */
  join(series: TimeSeriesIdentity): OutputSeries {
    const identity = encodeIdentity(series)
    let output = this.#outputs.get(identity)
    if (output === undefined) {
      const usage = this.#usage.of(
        series.metricType,
        series.valueType === 'DISTRIBUTION' ? 'DISTRIBUTION' : series.metricKind,
      )
      usage.series += 1
      output = new OutputSeries(this.#bytes.keep(identity), series.valueType === 'INT64', usage)
      this.#outputs.add(output)
    }
    output.sources += 1
    return output
  }

  /** A Prometheus series no longer maps to this time series. */
  leave(output: OutputSeries): void {
    output.sources -= 1
  }

  /** Forgets time series without sources that have had no point since `beforeMs`. */
  sweep(beforeMs: number): void {
    for (const output of [...this.#outputs.values()]) {
      if (output.sources > 0 || output.head !== undefined || output.endMs >= beforeMs) continue
      this.#outputs.delete(output.identity)
      output.usage.series -= 1
    }
  }
}
