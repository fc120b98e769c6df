import type { ByteStore } from '../byte-store.ts'
import { SeriesTable } from '../series-table.ts'
import type { TimeSeriesIdentity } from '../time-series.ts'
import { Lane } from '../write/lane.ts'
import { encodeIdentity } from '../write/time-series-encoding.ts'

/** The lanes of all Cloud Monitoring time series: one for each, though several Prometheus series may become it. */
export class LaneTable {
  readonly #lanes = new SeriesTable<Lane>(({ identity }) => identity)
  readonly #bytes: ByteStore
  /** Each metric type once, for all lanes of it. */
  readonly #metricTypes = new Map<string, string>()

  /** @param bytes - keeps the encoded identities */
  constructor(bytes: ByteStore) {
    this.#bytes = bytes
  }

  /** The lane of a time series; made where there is none. */
  laneOf(series: TimeSeriesIdentity): Lane {
    const identity = encodeIdentity(series)
    const present = this.#lanes.get(identity)
    if (present !== undefined) return present
    let type = this.#metricTypes.get(series.metricType)
    if (type === undefined) {
      type = series.metricType
      this.#metricTypes.set(type, type)
    }
    const lane = new Lane(type, this.#bytes.keep(identity), series.valueType === 'INT64')
    this.#lanes.add(lane)
    return lane
  }

  /** Forgets lanes without a point since `beforeMs`. */
  sweep(beforeMs: number): void {
    for (const lane of [...this.#lanes.values()]) {
      if (lane.head === undefined && lane.lastEndMs < beforeMs) this.#lanes.delete(lane.identity)
    }
  }
}
