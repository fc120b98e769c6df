import { Labels, type Matcher, QueryError, type SeriesSamples, type TimeWindow } from '@node-to-cloud/promql'
import type { MetricMetadata, NamedType, PromqlSource, SeriesExemplars } from '../promql-source.ts'
import type { LabelPairs, ScanName, ScanRows, Slice, StoreCall, StoreReply } from './store-calls.ts'

export interface StoreClientOptions {
  /** Calls the thread that has the store, and waits for its reply. */
  readonly call: (call: StoreCall) => StoreReply
  readonly now: () => number
  /** The deadline of the query. */
  readonly deadlineMs: number
}

/** The metrics of a project in another thread, read in slices to save memory. */
export class StoreClient implements PromqlSource {
  readonly #options: StoreClientOptions
  readonly #types = new Map<string, readonly NamedType[]>()

  constructor(options: StoreClientOptions) {
    this.#options = options
  }

  readonly select = (matchers: readonly Matcher[], window: TimeWindow): Iterable<SeriesSamples> => {
    return this.#scan('select', matchers, window, ({ labels, ...samples }) => ({
      labels: labelsOf(labels),
      ...samples,
    }))
  }

  list(matchers: readonly Matcher[], window: TimeWindow): Iterable<Labels> {
    return this.#scan('list', matchers, window, ({ labels }) => labelsOf(labels))
  }

  exemplars(matchers: readonly Matcher[], window: TimeWindow): Iterable<SeriesExemplars> {
    return this.#scan('exemplars', matchers, window, (row) => ({ ...row, labels: labelsOf(row.labels) }))
  }

  typesNamed(metricName: string): readonly NamedType[] {
    const known = this.#types.get(metricName)
    if (known !== undefined) return known
    const reply = this.#call({ name: 'types', metricName })
    const types = reply.name === 'types' ? reply.types : []
    this.#types.set(metricName, types)
    return types
  }

  metadata(): readonly (readonly [string, readonly MetricMetadata[]])[] {
    const reply = this.#call({ name: 'metadata' })
    return reply.name === 'metadata' ? reply.metadata : []
  }

  *#scan<Name extends ScanName, T>(
    name: Name,
    matchers: readonly Matcher[],
    window: TimeWindow,
    read: (row: ScanRows[Name]) => T,
  ): Generator<T> {
    const data = matchers.map(({ name: label, operator, value }) => ({ name: label, operator, value }))
    let slice = this.#slice<Name>({ name, matchers: data, window })
    for (;;) {
      for (const row of slice.rows) yield read(row)
      if (slice.isLast) return
      slice = this.#slice<Name>({ name: 'next', scan: slice.scan })
    }
  }

  #slice<Name extends ScanName>(call: StoreCall): Slice<ScanRows[Name]> {
    const reply = this.#call(call)
    // A scan's rows are of the requested kind.
    if (reply.name === 'slice') return reply.slice as Slice<ScanRows[Name]>
    throw new Error(`The store replied "${reply.name}" to "${call.name}".`)
  }

  #call(call: StoreCall): StoreReply {
    const { now, deadlineMs } = this.#options
    if (now() > deadlineMs) throw new QueryError('query timed out in expression evaluation', 'timeout')
    const reply = this.#options.call(call)
    if (reply.name === 'failed') throw new Error(reply.message)
    return reply
  }
}

function labelsOf(pairs: LabelPairs): Labels {
  const entries: [string, string][] = []
  for (let i = 0; i < pairs.length; i += 2) entries.push([pairs[i] ?? '', pairs[i + 1] ?? ''])
  return Labels.from(entries)
}
