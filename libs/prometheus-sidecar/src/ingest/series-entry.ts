import type { SeriesState, WaitingPart } from '../conversion-state.ts'
import type { Drop, DropReason } from '../convert/drop-reason.ts'
import type { SampleRole } from '../convert/metric-mapping.ts'
import type { Target } from '../convert/target.ts'
import type { Histogram, HistogramPart, Member } from '../histograms/histogram-assembly.ts'
import type { MetricType } from '../metadata.ts'
import type { DistributionExemplar } from '../time-series.ts'
import type { Lane } from '../write/lane.ts'

/**
 * All that is kept of one Prometheus series. The fields of {@link SeriesState} are its settled state; those with `next` run ahead of it by the
 * points that are on their way.
 */
export class SeriesEntry implements SeriesState {
  /** -1 until there is something to keep. */
  id = -1
  readonly labels: Uint8Array
  startMs = Number.NaN
  resetValue = 0
  lastMs = Number.NaN
  lastValue = Number.NaN
  endMs = Number.NaN
  createdMs = Number.NaN
  waiting: WaitingPart[] = NOTHING_WAITS

  nextStartMs = Number.NaN
  nextResetValue = 0
  nextLastMs = Number.NaN
  nextLastValue = Number.NaN

  /** What its samples are for; undefined before it is planned, and where it is dropped. */
  role: SampleRole | undefined = undefined
  drop: Drop | undefined = undefined
  lane: Lane | undefined = undefined
  member: Member<EntryPart> | undefined = undefined
  unit: HistogramUnit | undefined = undefined
  tells: readonly Buffer[] = NOTHING_TOLD
  /** The plan holds while the target directory's generation is this, or its answers are the same as then. */
  generation = -1
  target: Target | undefined = undefined
  familyType: MetricType | undefined = undefined

  /** When its newest sample came, Unix ms. */
  seenMs: number
  #warned = 0

  constructor(labels: Uint8Array, seenMs: number) {
    this.labels = labels
    this.seenMs = seenMs
  }

  /** Says once for each reason that it was not warned of before. */
  warnOnce(reason: DropReason): boolean {
    const bit = reasonBit(reason)
    if ((this.#warned & bit) !== 0) return false
    this.#warned |= bit
    return true
  }
}

const NOTHING_WAITS: WaitingPart[] = []
const NOTHING_TOLD: readonly Buffer[] = []

const bits = new Map<DropReason, number>()

function reasonBit(reason: DropReason): number {
  let bit = bits.get(reason)
  if (bit === undefined) {
    bit = 1 << bits.size
    bits.set(reason, bit)
  }
  return bit
}

/** A series as a part of its histogram. */
export interface EntryPart extends HistogramPart {
  readonly entry: SeriesEntry
}

/** What the parts of one histogram share. */
export interface HistogramUnit {
  readonly histogram: Histogram<EntryPart>
  readonly lane: Lane
  /** The series that carries the start of the interval, once it is known. */
  count: SeriesEntry | undefined
  /** For the next point. */
  exemplars: DistributionExemplar[]
}
