import type { ByteStore } from '../byte-store.ts'
import { SeriesTable } from '../series-table.ts'
import type { TimeSeriesIdentity } from '../time-series.ts'
import { Lane } from '../write/lane.ts'
import { encodeIdentity } from '../write/time-series-encoding.ts'

/** The lanes of all Cloud Monitoring time series: one for each, though several Prometheus series may become it. */
export class LaneTable {
  readonly #lanes = new SeriesTable<Lane>(({ identity }) => identity)
  readonly #bytes: ByteStore

  /** @param bytes - keeps the encoded identities */
  constructor(bytes: ByteStore) {
    this.#bytes = bytes
  }

  /** Lanes that are known. */
  get size(): number {
    return this.#lanes.size
  }

  /** The lane of a time series, for one more Prometheus series; made where there is none. */
  join(series: TimeSeriesIdentity): Lane {
    const identity = encodeIdentity(series)
    let lane = this.#lanes.get(identity)
    if (lane === undefined) {
      lane = new Lane(this.#bytes.keep(identity), series.valueType === 'INT64')
      this.#lanes.add(lane)
    }
    lane.series += 1
    return lane
  }

  /** A Prometheus series does not become this time series any more. */
  leave(lane: Lane): void {
    lane.series -= 1
  }

  /** Forgets lanes that no series has, and that had no point since `beforeMs`. */
  sweep(beforeMs: number): void {
    for (const lane of [...this.#lanes.values()]) {
      if (lane.series === 0 && lane.head === undefined && !(lane.lastEndMs >= beforeMs))
        this.#lanes.delete(lane.identity)
    }
  }
}
