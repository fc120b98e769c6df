import { stepCumulative } from '../../convert/cumulative.ts'
import type { DropReason } from '../../convert/drop-reason.ts'
import { hasFallen, increaseSince } from '../../convert/native/increase.ts'
import { nativeDistribution } from '../../convert/native/native-distribution.ts'
import { labelsKey } from '../../model/labels/labels.ts'
import type { NativeHistogram } from '../../model/native-histogram.ts'
import type { Exemplar } from '../../model/sample.ts'
import type { Distribution, DistributionExemplar } from '../../model/time-series.ts'
import type { PointOutcome } from '../../write/series-queue.ts'
import type { HistogramAssembly } from '../histograms/histogram-assembly.ts'
import type { IngestContext } from '../ingest-context.ts'
import type { OutputSeries } from '../series/output-series.ts'
import type { EntryPart, NativeProgress, SeriesEntry } from '../series/series-entry.ts'
import type { Ticket } from '../ticket.ts'
import { keepExemplars } from './kept-exemplars.ts'
import { awaitPending, Pending, type Settler } from './pending.ts'
import { applyStarts } from './reported-starts.ts'
import { hasRefusedStart, isFirstSample, isUnwritten, queuedCursor, same } from './series-interval.ts'

/** A native histogram between its request and its settlement. */
class PendingNative extends Pending {
  readonly settler: Settler<PendingNative>
  readonly entry: SeriesEntry
  /** Undefined for a stale marker. */
  readonly histogram: NativeHistogram | undefined
  /** Subtracted from the raw counts. */
  baseline: NativeHistogram | undefined
  readonly exemplars: readonly DistributionExemplar[]

  constructor(
    settler: Settler<PendingNative>,
    entry: SeriesEntry,
    histogram: NativeHistogram | undefined,
    point: { readonly endMs: number; readonly value: Distribution | undefined },
    after: { readonly startMs: number; readonly baseline: NativeHistogram | undefined },
  ) {
    const { endMs, value } = point
    super(value === undefined ? undefined : { startMs: after.startMs, endMs, value }, after.startMs, endMs)
    this.settler = settler
    this.entry = entry
    this.histogram = histogram
    this.baseline = after.baseline
    this.exemplars = value?.exemplars ?? []
  }

  override contains(entry: SeriesEntry): boolean {
    return this.entry === entry
  }

  override settle(outcome: PointOutcome): void {
    if (this.settler.settled(this, outcome) === 'settled') this.release()
  }
}

/** A classic histogram without samples for this long is gone. */
const CLASSIC_GONE_AFTER_MS = 5 * 60_000

/** Converts native histograms into distributions. */
export class NativeSamples implements Settler<PendingNative> {
  readonly #context: IngestContext
  readonly #assembly: HistogramAssembly<EntryPart>

  constructor(context: IngestContext, assembly: HistogramAssembly<EntryPart>) {
    this.#context = context
    this.#assembly = assembly
  }

  /** Accepts one histogram; the ticket waits until it is settled. */
  accept(entry: SeriesEntry, histogram: NativeHistogram, ticket: Ticket): void {
    const { output, native } = entry
    const { timestampMs } = histogram
    if (output === undefined || native === undefined || timestampMs <= entry.lastMs) return
    if (timestampMs <= entry.nextLastMs) {
      awaitPending(output, entry, timestampMs, ticket)
      return
    }
    entry.ended = histogram.stale
    if (histogram.stale) {
      this.#writeThinned(entry, output, native, ticket)
      this.end(entry, timestampMs, ticket)
    } else if (histogram.gauge) {
      this.#context.drops.drop(entry, 'unexpected_metric_type', 'gauge histograms are not supported')
      this.end(entry, timestampMs, ticket)
    } else this.#convert(entry, output, native, histogram, ticket)
  }

  /** Keeps exemplars for the next point of a series. */
  keepExemplars({ native }: SeriesEntry, exemplars: readonly Exemplar[]): void {
    if (native !== undefined) keepExemplars(native.exemplars, exemplars, this.#context.rules.resourceDefaults.projectId)
  }

  /** Queues a sample without a point, such as a stale marker. */
  end(entry: SeriesEntry, timestampMs: number, ticket: Ticket): void {
    const { output, native } = entry
    if (output === undefined || native === undefined) return
    entry.nextLastMs = timestampMs
    const after = { startMs: entry.nextStartMs, baseline: native.nextBaseline }
    this.#queue(
      output,
      new PendingNative(this, entry, undefined, { endMs: timestampMs, value: undefined }, after),
      ticket,
    )
  }

  #convert(
    entry: SeriesEntry,
    output: OutputSeries,
    native: NativeProgress,
    histogram: NativeHistogram,
    ticket: Ticket,
  ): void {
    const { timestampMs } = histogram
    const isBesideClassic = this.#assembly.isLive(labelsKey(entry.labels), timestampMs - CLASSIC_GONE_AFTER_MS)
    const step = isBesideClassic
      ? { startMs: timestampMs, baseline: histogram, result: 'native_histogram' as const }
      : this.#step(entry, output, native, histogram)
    const { startMs, baseline, result } = step
    if (!same(startMs, entry.nextStartMs) && !isBesideClassic) this.#writeThinned(entry, output, native, ticket)
    entry.nextStartMs = startMs
    entry.nextLastMs = timestampMs
    entry.nextLastValue = histogram.count
    native.nextBaseline = baseline
    native.nextLast = histogram
    const value = typeof result === 'string' ? undefined : result
    if (typeof result === 'string') this.#context.drops.drop(entry, result, isBesideClassic ? BESIDE_CLASSIC : '')
    else {
      native.exemplars = []
      output.startMs = startMs
      output.endMs = timestampMs
    }
    const pending = new PendingNative(this, entry, histogram, { endMs: timestampMs, value }, { startMs, baseline })
    this.#queue(output, pending, ticket)
  }

  /** Writes the last histogram of a thinned series that ends or restarts, if it has not been written yet. */
  #writeThinned(entry: SeriesEntry, output: OutputSeries, native: NativeProgress, ticket: Ticket): void {
    const { nextStartMs: startMs, nextLastMs: endMs } = entry
    const { nextLast, nextBaseline: baseline } = native
    if (nextLast === undefined || !isUnwritten(output, startMs, endMs, this.#context)) return
    const value = distributionSince(baseline, nextLast, native.exemplars)
    if (typeof value === 'string') return
    output.startMs = startMs
    output.endMs = endMs
    this.#queue(output, new PendingNative(this, entry, nextLast, { endMs, value }, { startMs, baseline }), ticket)
  }

  /** Places a histogram in its interval. */
  #step(
    entry: SeriesEntry,
    output: OutputSeries,
    { nextBaseline, nextLast, exemplars }: NativeProgress,
    histogram: NativeHistogram,
  ): NativeStep {
    const { timestampMs, count, reset } = histogram
    const restarted = applyStarts(entry, timestampMs)
    const fell = nextLast !== undefined && (reset || hasFallen(nextLast, histogram))
    const cursor = queuedCursor(entry)
    // After taking over from the classic histogram, the interval starts at its last point.
    const begun = cursor.startMs === output.endMs ? { ...cursor, startMs: cursor.startMs + 1 } : cursor
    const sample = { timestampMs, value: count, createdMs: entry.believedMs, restarted: restarted || fell }
    const step = stepCumulative(begun, output, sample, this.#context.rules.minSamplingPeriodMs)
    const { startMs } = step
    if (step.drop === 'first_sample') return { startMs, baseline: histogram, result: 'first_sample' }
    const baseline = startMs === begun.startMs ? nextBaseline : undefined
    if (step.drop !== undefined) return { startMs, baseline, result: step.drop }
    return { startMs, baseline, result: distributionSince(baseline, histogram, exemplars) }
  }

  #queue(output: OutputSeries, pending: PendingNative, ticket: Ticket): void {
    pending.attach(ticket)
    this.#context.writer.enqueue(output, pending)
  }

  settled(pending: PendingNative, outcome: PointOutcome): 'settled' | 'again' {
    const { entry } = pending
    const { native } = entry
    const isRefused = hasRefusedStart(pending, outcome)
    if (isRefused && isFirstSample(entry, pending)) this.#makeBaseline(pending)
    else if (isRefused && this.#move(pending)) return 'again'
    else this.#context.drops.count(entry, outcome, pending.point)
    if (native === undefined || pending.lastMs < entry.lastMs) return 'settled'
    const isNewInterval = !same(pending.startMs, entry.startMs) || pending.baseline !== native.baseline
    entry.startMs = pending.startMs
    entry.lastMs = pending.lastMs
    if (pending.histogram !== undefined) entry.lastValue = pending.histogram.count
    native.baseline = pending.baseline
    native.last = pending.histogram ?? native.last
    if (pending.point !== undefined && (outcome.kind === 'stored' || outcome.kind === 'already_stored'))
      entry.endMs = pending.lastMs
    if (entry.id < 0) return 'settled'
    const { journal } = this.#context
    if (isNewInterval) {
      journal.baseline(entry.id, entry.startMs, 0)
      journal.nativeBaseline(entry.id, native.baseline)
    }
    journal.settle(entry.id, entry.lastMs, entry.lastValue, entry.endMs)
    if (pending.histogram !== undefined) journal.nativeLast(entry.id, pending.histogram)
    return 'settled'
  }

  /**
   * Moves a distribution, and those queued behind it in the same interval, into a new one after the last settled
   * sample.
   */
  #move(pending: PendingNative): boolean {
    const { entry, startMs: oldStartMs } = pending
    const { output, native } = entry
    if (output === undefined || native === undefined) return false
    const startsInterval = !same(oldStartMs, entry.startMs)
    const startMs = startsInterval ? pending.lastMs - 1 : entry.lastMs + 1
    const baseline = startsInterval ? pending.baseline : native.last
    if (!(startMs < pending.lastMs) || startMs === oldStartMs) return false
    if (!moveInterval(pending, startMs, baseline)) return false
    pending.moved = true
    this.#moveOthers(output, entry, oldStartMs, startMs, baseline)
    this.#context.writer.putBack(output, pending)
    return true
  }

  /** Turns the first distribution of a series into a baseline, from which those queued behind it are counted. */
  #makeBaseline(pending: PendingNative): void {
    const { entry, startMs: oldStartMs, lastMs, histogram } = pending
    pending.point = undefined
    pending.startMs = lastMs
    pending.baseline = histogram
    if (entry.output !== undefined) this.#moveOthers(entry.output, entry, oldStartMs, lastMs, histogram)
    this.#context.drops.drop(entry, 'first_sample')
  }

  #moveOthers(
    output: OutputSeries,
    entry: SeriesEntry,
    oldStartMs: number,
    startMs: number,
    baseline: NativeHistogram | undefined,
  ): void {
    for (let queued = output.head; queued !== undefined; queued = queued.next) {
      if (queued instanceof PendingNative && queued.entry === entry && same(queued.startMs, oldStartMs))
        moveInterval(queued, startMs, baseline)
    }
    if (same(entry.nextStartMs, oldStartMs)) {
      entry.nextStartMs = startMs
      if (entry.native !== undefined) entry.native.nextBaseline = baseline
    }
    if (same(output.startMs, oldStartMs)) output.startMs = startMs
  }
}

const BESIDE_CLASSIC = 'its classic histogram is written instead'

interface NativeStep {
  readonly startMs: number
  readonly baseline: NativeHistogram | undefined
  readonly result: Distribution | DropReason
}

function distributionSince(
  baseline: NativeHistogram | undefined,
  histogram: NativeHistogram,
  exemplars: readonly DistributionExemplar[],
): Distribution | DropReason {
  const increase = increaseSince(baseline, histogram)
  return increase === undefined ? 'histogram_inconsistent' : nativeDistribution(increase, exemplars)
}

/** Moves a distribution into another interval. Returns false, and changes nothing, if that is impossible. */
function moveInterval(pending: PendingNative, startMs: number, baseline: NativeHistogram | undefined): boolean {
  const { histogram, point } = pending
  if (point !== undefined && histogram !== undefined) {
    const distribution = distributionSince(baseline, histogram, pending.exemplars)
    if (typeof distribution === 'string') return false
    pending.point = { startMs, endMs: point.endMs, value: distribution }
  }
  pending.startMs = startMs
  pending.baseline = baseline
  return true
}
