import type { Drop, DropReason } from '../../convert/drop-reason.ts'
import type { SampleRole } from '../../convert/formats/external/metric-mapping.ts'
import type { HistogramPart } from '../../convert/histogram.ts'
import type { SeriesState, WaitingPart } from '../../model/conversion-state.ts'
import type { MetricType } from '../../model/metadata.ts'
import type { Target } from '../../model/target.ts'
import type { DistributionExemplar } from '../../model/time-series.ts'
import type { Histogram, Member } from '../histograms/histogram-assembly.ts'
import type { OutputSeries } from './output-series.ts'

/**
 * Everything known of one Prometheus series. The fields of {@link SeriesState} are its settled state; those with `next` are ahead of it by the pending
 * samples.
 */
export class SeriesEntry implements SeriesState {
  /** Its id in the journal; -1 until there is something to keep. */
  id = -1
  readonly labels: Uint8Array
  waiting: WaitingPart[] = NO_PARTS

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
  target: Target | undefined = undefined
  familyType: MetricType | undefined = undefined
  /** Whether the type was found by the full name of the series, not by its family's. */
  byFullName = false

  readonly #numbers: Float64Array
  readonly #at: number
  #warned = 0

  constructor(labels: Uint8Array, seenMs: number) {
    this.labels = labels
    const { numbers, at } = takeNumbers()
    this.#numbers = numbers
    this.#at = at
    this.resetValue = 0
    this.nextResetValue = 0
    this.seenMs = seenMs
  }

  get startMs(): number {
    return this.#numbers[this.#at + 0] as number
  }

  set startMs(value: number) {
    this.#numbers[this.#at + 0] = value
  }

  get resetValue(): number {
    return this.#numbers[this.#at + 1] as number
  }

  set resetValue(value: number) {
    this.#numbers[this.#at + 1] = value
  }

  get lastMs(): number {
    return this.#numbers[this.#at + 2] as number
  }

  set lastMs(value: number) {
    this.#numbers[this.#at + 2] = value
  }

  get lastValue(): number {
    return this.#numbers[this.#at + 3] as number
  }

  set lastValue(value: number) {
    this.#numbers[this.#at + 3] = value
  }

  get endMs(): number {
    return this.#numbers[this.#at + 4] as number
  }

  set endMs(value: number) {
    this.#numbers[this.#at + 4] = value
  }

  get createdMs(): number {
    return this.#numbers[this.#at + 5] as number
  }

  set createdMs(value: number) {
    this.#numbers[this.#at + 5] = value
  }

  get createdFromMs(): number {
    return this.#numbers[this.#at + 11] as number
  }

  set createdFromMs(value: number) {
    this.#numbers[this.#at + 11] = value
  }

  get nextStartMs(): number {
    return this.#numbers[this.#at + 6] as number
  }

  set nextStartMs(value: number) {
    this.#numbers[this.#at + 6] = value
  }

  get nextResetValue(): number {
    return this.#numbers[this.#at + 7] as number
  }

  set nextResetValue(value: number) {
    this.#numbers[this.#at + 7] = value
  }

  get nextLastMs(): number {
    return this.#numbers[this.#at + 8] as number
  }

  set nextLastMs(value: number) {
    this.#numbers[this.#at + 8] = value
  }

  get nextLastValue(): number {
    return this.#numbers[this.#at + 9] as number
  }

  set nextLastValue(value: number) {
    this.#numbers[this.#at + 9] = value
  }

  /** When its newest sample arrived, in Unix milliseconds. */
  get seenMs(): number {
    return this.#numbers[this.#at + 10] as number
  }

  set seenMs(value: number) {
    this.#numbers[this.#at + 10] = value
  }

  /** Time of the newest sample dropped because of what the series is: one that is sent again is not counted again. */
  get droppedMs(): number {
    return this.#numbers[this.#at + 12] as number
  }

  set droppedMs(value: number) {
    this.#numbers[this.#at + 12] = value
  }

  /** Whether this is the first call for a reason. */
  warnOnce(reason: DropReason): boolean {
    const bit = reasonBit(reason)
    if ((this.#warned & bit) !== 0) return false
    this.#warned |= bit
    return true
  }
}

const NUMBERS = 13
const SERIES_PER_BLOCK = 64

let block = new Float64Array(0)
let blockUsed = 0

/** Room for the numbers of one series, all NaN. As a field of its own, each number would cost an object. */
function takeNumbers(): { readonly numbers: Float64Array; readonly at: number } {
  if (blockUsed === block.length) {
    block = new Float64Array(NUMBERS * SERIES_PER_BLOCK).fill(Number.NaN)
    blockUsed = 0
  }
  const at = blockUsed
  blockUsed += NUMBERS
  return { numbers: block, at }
}

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

export interface EntryPart extends HistogramPart {
  readonly entry: SeriesEntry
}

/** What the series of one histogram share. */
export interface HistogramUnit {
  readonly histogram: Histogram<EntryPart>
  readonly output: OutputSeries
  /** The `_count` series, which carries the start of the interval, once it is known. */
  count: SeriesEntry | undefined
  /** For the next point. */
  exemplars: DistributionExemplar[]
}
