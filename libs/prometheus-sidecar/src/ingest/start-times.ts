import { refuseInterval } from '../convert/cumulative.ts'
import { labelsKey } from '../model/labels/labels.ts'
import type { SampleBatch, SeriesSpan } from '../model/sample.ts'
import type { IngestContext } from './ingest-context.ts'
import { reportStart } from './samples/reported-starts.ts'
import type { ScalarSamples } from './samples/scalar-samples.ts'
import { MAX_TIMESTAMP_MS } from './samples/series-interval.ts'
import type { ReportedStart, SeriesEntry } from './series/series-entry.ts'
import type { SeriesTable } from './series/series-table.ts'
import type { Ticket } from './ticket.ts'

/** If there are more, the start times of series that have not appeared yet are forgotten. */
const MAX_WAITING = 100_000

/** Sets when series started, as reported by their target: in a `_created` series, or with the sample itself. */
export class StartTimes {
  readonly #context: IngestContext
  readonly #table: SeriesTable<SeriesEntry>
  readonly #scalars: ScalarSamples
  /** For series that have not appeared yet. */
  readonly #waiting = new Map<string, ReportedStart>()

  constructor(context: IngestContext, table: SeriesTable<SeriesEntry>, scalars: ScalarSamples) {
    this.#context = context
    this.#table = table
    this.#scalars = scalars
  }

  /** Reads the start that a `_created` series reports for another. */
  readSpan(entry: SeriesEntry, batch: SampleBatch, span: SeriesSpan, ticket: Ticket): void {
    for (let sample = span.samplesStart; sample < span.samplesEnd; sample++) {
      const createdMs = Math.round((batch.values[sample] ?? Number.NaN) * 1000)
      const fromMs = batch.timestampsMs[sample] ?? Number.NaN
      if (!(fromMs <= entry.nextLastMs)) entry.lastMs = entry.nextLastMs = fromMs
      if (createdMs > 0 && createdMs <= MAX_TIMESTAMP_MS) this.#read(entry, { createdMs, fromMs }, ticket)
    }
  }

  #read(entry: SeriesEntry, { createdMs, fromMs }: ReportedStart, ticket: Ticket): void {
    let found = false
    for (const labels of entry.createdOf) {
      const created = this.#table.get(labels)
      if (created === undefined) continue
      found = true
      this.set(created, createdMs, fromMs, ticket)
    }
    const [labels] = entry.createdOf
    if (!found && labels !== undefined) this.#waiting.set(labelsKey(labels), { createdMs, fromMs })
  }

  /** Sets the start of a new series, if it was reported before the series appeared. */
  applyTo(entry: SeriesEntry): void {
    if (this.#waiting.size === 0) return
    const key = labelsKey(entry.labels)
    const start = this.#waiting.get(key)
    if (start === undefined) return
    this.#waiting.delete(key)
    this.set(entry, start.createdMs, start.fromMs, undefined)
  }

  /** Sets the start of a series to `createdMs`, reported with the sample of the time `fromMs`. */
  set(entry: SeriesEntry, createdMs: number, fromMs: number, ticket: Ticket | undefined): void {
    const isFirst = Number.isNaN(entry.createdMs)
    if (!reportStart(entry, { createdMs, fromMs })) return
    // The first start reported is that of the current interval; only a different one means that the series restarted.
    entry.createdFromMs = isFirst ? Number.NaN : fromMs
    entry.createdMs = createdMs
    if (entry.id < 0) return
    this.#context.journal.created(entry.id, createdMs, entry.createdFromMs)
    this.#writeBaseline(entry, ticket)
  }

  /** Limits the memory for starts of series that never appear. Call it every few minutes. */
  sweep(): void {
    if (this.#waiting.size > MAX_WAITING) this.#waiting.clear()
  }

  /** Writes a point for a counter's first sample, which was only a baseline while its start was unknown. */
  #writeBaseline(entry: SeriesEntry, ticket: Ticket | undefined): void {
    const { output, createdMs, lastMs, lastValue } = entry
    const isOnlyBaseline = entry.startMs === lastMs && entry.nextLastMs === lastMs && Number.isNaN(entry.endMs)
    if (output === undefined || entry.role !== 'cumulative' || !isOnlyBaseline || !(createdMs < lastMs)) return
    const { minSamplingPeriodMs } = this.#context.rules
    if (refuseInterval(createdMs, lastMs, output, minSamplingPeriodMs) !== undefined) return
    entry.nextStartMs = createdMs
    entry.nextResetValue = 0
    this.#scalars.queuePoint(entry, output, lastMs, lastValue, ticket)
  }
}
