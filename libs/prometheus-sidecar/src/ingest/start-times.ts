import { refuseInterval } from '../convert/cumulative.ts'
import type { SampleBatch, SeriesSpan } from '../model/sample.ts'
import type { IngestContext } from './ingest-context.ts'
import type { ScalarSamples } from './scalar-samples.ts'
import type { SeriesEntry } from './series/series-entry.ts'
import type { SeriesTable } from './series/series-table.ts'
import { MAX_TIMESTAMP_MS, queuedInterval } from './series-interval.ts'
import type { Ticket } from './ticket.ts'

/** Starts told for series that did not come yet are forgotten beyond this many. */
const MAX_WAITING = 100_000

/** Tells series when they began, as their target says it: by a `_created` series, or with the sample itself. */
export class StartTimes {
  readonly #context: IngestContext
  readonly #table: SeriesTable<SeriesEntry>
  readonly #scalars: ScalarSamples
  /** For series that have not come yet. */
  readonly #waiting = new Map<string, { readonly createdMs: number; readonly fromMs: number }>()

  constructor(context: IngestContext, table: SeriesTable<SeriesEntry>, scalars: ScalarSamples) {
    this.#context = context
    this.#table = table
    this.#scalars = scalars
  }

  /** A `_created` series says when another began. */
  takeSpan(entry: SeriesEntry, batch: SampleBatch, span: SeriesSpan, ticket: Ticket): void {
    const seconds = batch.values[span.samplesEnd - 1] ?? Number.NaN
    const fromMs = batch.timestampsMs[span.samplesEnd - 1] ?? Number.NaN
    const createdMs = Math.round(seconds * 1000)
    if (!(createdMs > 0) || createdMs > MAX_TIMESTAMP_MS) return
    let found = false
    for (const key of entry.tells) {
      const told = this.#table.get(key)
      if (told === undefined) continue
      found = true
      this.tell(told, createdMs, fromMs, ticket)
    }
    const [key] = entry.tells
    if (!found && key !== undefined) this.#waiting.set(key.toString('latin1'), { createdMs, fromMs })
  }

  /** Tells a series that has come what was told before it. */
  applyTo(entry: SeriesEntry): void {
    if (this.#waiting.size === 0) return
    const key = Buffer.from(entry.labels).toString('latin1')
    const told = this.#waiting.get(key)
    if (told === undefined) return
    this.#waiting.delete(key)
    this.tell(entry, told.createdMs, told.fromMs, undefined)
  }

  /** The target says that a series began at `createdMs`, with a sample of the time `fromMs`. */
  tell(entry: SeriesEntry, createdMs: number, fromMs: number, ticket: Ticket | undefined): void {
    if (entry.createdMs === createdMs) return
    // The first start that is told is that of the running interval; only another means that the series began anew.
    entry.createdFromMs = Number.isNaN(entry.createdMs) ? Number.NaN : fromMs
    entry.createdMs = createdMs
    if (entry.id < 0) return
    this.#context.journal.created(entry.id, createdMs, entry.createdFromMs)
    this.#tellBaseline(entry, ticket)
  }

  /** To be called from time to time. */
  sweep(): void {
    if (this.#waiting.size > MAX_WAITING) this.#waiting.clear()
  }

  /** The start of a counter came after its first sample, which was taken for a baseline: it is a point after all. */
  #tellBaseline(entry: SeriesEntry, ticket: Ticket | undefined): void {
    const { output, createdMs, lastMs, lastValue } = entry
    const onlyBaseline = entry.startMs === lastMs && entry.nextLastMs === lastMs && Number.isNaN(entry.endMs)
    if (output === undefined || entry.role !== 'cumulative' || !onlyBaseline || !(createdMs < lastMs)) return
    if (
      refuseInterval(createdMs, lastMs, queuedInterval(output), this.#context.rules.minSamplingPeriodMs) !== undefined
    )
      return
    this.#scalars.queue(entry, output, createdMs, lastMs, lastValue, { startMs: createdMs, resetValue: 0 }, ticket)
  }
}
