import type { Drop, DropReason } from '../../convert/drop-reason.ts'
import type { SampleRole } from '../../convert/formats/metrics-format.ts'
import type { HistogramPart } from '../../convert/histogram.ts'
import type { AuditTrail } from '../../model/audit-trail.ts'
import type { NativeState, SeriesState, WaitingPart } from '../../model/conversion-state.ts'
import type { MetricType } from '../../model/metadata.ts'
import type { NativeHistogram } from '../../model/native-histogram.ts'
import type { Target } from '../../model/target.ts'
import type { DistributionExemplar } from '../../model/time-series.ts'
import type { Histogram, Member } from '../histograms/histogram-assembly.ts'
import type { OutputSeries } from './output-series.ts'

/** Stored in blocks of float64: as a field, each of these numbers would take an object of its own. */
const NUMBERS = [
  'startMs',
  'resetValue',
  'lastMs',
  'lastValue',
  'endMs',
  'endValue',
  'createdMs',
  'createdFromMs',
  'believedMs',
  'confirmedMs',
  'nextStartMs',
  'nextResetValue',
  'nextLastMs',
  'nextLastValue',
  'seenMs',
  'droppedMs',
  'intervalMs',
  'reachedMs',
  'previousMs',
] as const satisfies readonly (keyof SeriesEntry)[]

/**
 * Everything known about one Prometheus series. The fields of {@link SeriesState} are its settled state; those with
 * `next` also include the pending samples.
 */
export class SeriesEntry implements SeriesState {
  /** Its id in the journal; -1 until there is something to store. */
  id = -1
  readonly labels: Uint8Array
  waiting: WaitingPart[] = NO_PARTS
  /**
   * Parts that wait behind a sample in flight. They are added to the state once that is settled: if they were added
   * earlier, that sample, resent after a crash, would be mistaken for one from before them.
   */
  behind: WaitingPart[] = NO_PARTS

  /** Whether its newest sample is a stale marker, or a check found that nothing is missing after it. */
  ended = false

  /** Undefined while it has no native histograms. */
  native: NativeProgress | undefined = undefined

  /** A second series with the same samples, as a counter. */
  twin: SeriesEntry | undefined = undefined
  isTwin = false
  /** The series that followed it the last time: usually it does so again, and need not be looked up. */
  follower: SeriesEntry | undefined = undefined
  /**
   * The names and values of its labels that its follower has in common with it, see `FollowingLabels`; 0 while unknown.
   */
  sharedWithFollower = 0
  /** Whether it is no longer kept. */
  isForgotten = false

  /** The outcome of its samples, while an audit watches them. */
  trail: AuditTrail | undefined = undefined

  /** Undefined before it is planned, and if its samples are dropped. */
  role: SampleRole | undefined = undefined
  drop: Drop | undefined = undefined
  output: OutputSeries | undefined = undefined
  member: Member<EntryPart> | undefined = undefined
  unit: HistogramUnit | undefined = undefined
  /** Labels of the series whose start it reports. */
  createdOf: readonly Buffer[] = NO_SERIES
  /** The generation of the target directory that the plan was checked against. */
  generation = -1
  /** Reported starts that take effect with later samples; see `reported-starts.ts`. */
  reportedStarts: readonly ReportedStart[] = NO_STARTS
  target: Target | undefined = undefined
  familyType: MetricType | undefined = undefined
  /** The type that came with its samples. */
  sentType: MetricType | undefined = undefined
  /** Whether the type was found by the full name of the series, not by that of its family. */
  byFullName = false

  declare startMs: number
  declare resetValue: number
  declare lastMs: number
  declare lastValue: number
  declare endMs: number
  /** The raw value at `endMs`; NaN if unknown. */
  declare endValue: number
  declare createdMs: number
  declare createdFromMs: number
  /** The start that the target last reported for the samples accepted so far; NaN if it reported none. */
  declare believedMs: number
  /** Time of the newest sample that came with that start. */
  declare confirmedMs: number
  declare nextStartMs: number
  declare nextResetValue: number
  declare nextLastMs: number
  declare nextLastValue: number
  /** When its newest sample arrived, in Unix milliseconds. */
  declare seenMs: number
  /** Time of the newest sample dropped because of what the series is: if it is resent, it is not counted again. */
  declare droppedMs: number

  /** Times of the newest accepted sample and of the one before it; NaN if unknown. */
  declare reachedMs: number
  declare previousMs: number
  /** How often samples arrive: the scrape interval of its target, or longer. NaN if unknown. */
  declare intervalMs: number

  // Not #private, which takes more bytecode than V8 inlines: each number that is read or written would become an
  // object.
  private readonly numbers: Float64Array
  private readonly at: number
  #warned = 0

  static {
    for (const [offset, name] of NUMBERS.entries()) {
      Object.defineProperty(SeriesEntry.prototype, name, {
        get(this: SeriesEntry) {
          return this.numbers[this.at + offset]
        },
        set(this: SeriesEntry, value: number) {
          this.numbers[this.at + offset] = value
        },
      })
    }
  }

  constructor(labels: Uint8Array, seenMs: number) {
    this.labels = labels
    const { numbers, at } = takeNumbers()
    this.numbers = numbers
    this.at = at
    this.resetValue = 0
    this.nextResetValue = 0
    this.seenMs = seenMs
  }

  /** Remembers which series followed it. */
  setFollower(follower: SeriesEntry | undefined): void {
    this.follower = follower
    this.sharedWithFollower = 0
  }

  /** Whether this is the first call for a reason. */
  warnOnce(reason: DropReason): boolean {
    const bit = reasonBit(reason)
    if ((this.#warned & bit) !== 0) return false
    this.#warned |= bit
    return true
  }
}

/** The state of a series of native histograms, settled and including the pending ones. */
export class NativeProgress implements NativeState {
  baseline: NativeHistogram | undefined = undefined
  last: NativeHistogram | undefined = undefined
  nextBaseline: NativeHistogram | undefined = undefined
  nextLast: NativeHistogram | undefined = undefined
  /** For the next point. */
  exemplars: DistributionExemplar[] = []
  /** Estimated memory of its histograms. */
  readonly bytes: number

  constructor(bytes: number) {
    this.bytes = bytes
  }
}

/** A start that a target reported with its samples of a certain time. */
export interface ReportedStart {
  readonly createdMs: number
  /** Time of the first sample that came with it, by Prometheus' clock; `createdMs` is by the target's. */
  readonly fromMs: number
}

const SERIES_PER_BLOCK = 64

let block = new Float64Array(0)
let blockUsed = 0

/** Allocates the numbers of one series, all NaN. */
function takeNumbers(): { readonly numbers: Float64Array; readonly at: number } {
  if (blockUsed === block.length) {
    block = new Float64Array(NUMBERS.length * SERIES_PER_BLOCK).fill(Number.NaN)
    blockUsed = 0
  }
  const at = blockUsed
  blockUsed += NUMBERS.length
  return { numbers: block, at }
}

const NO_STARTS: readonly ReportedStart[] = []
const NO_PARTS: WaitingPart[] = []
const NO_SERIES: readonly Buffer[] = []

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

/** Shared by the series of one histogram. */
export interface HistogramUnit {
  readonly histogram: Histogram<EntryPart>
  output: OutputSeries
  /** The `_count` series, which carries the start of the interval, once it is known. */
  count: SeriesEntry | undefined
  /** For the next point. */
  exemplars: DistributionExemplar[]
}
