import { messageOf } from '@node-to-cloud/command-line'
import { type Labels, Matcher, type SeriesSamples } from '@node-to-cloud/promql'
import type { MetricStore } from '../../monitoring/store/metric-store.ts'
import type { SeriesExemplars } from '../promql-source.ts'
import { listStored, type Scan, selectStored } from '../select-stored.ts'
import { exemplarsStored } from '../stored-exemplars.ts'
import { metadataOf, typesNamed } from '../stored-types.ts'
import type { LabelPairs, ScanCall, ScanName, ScanRows, Slice, StoreCall, StoreReply } from './store-calls.ts'

/** How long one reply may block the event loop. */
const SLICE_MS = 5
/** The maximum size of one reply in samples, including a few per series. */
const SLICE_SAMPLES = 50_000
const SAMPLES_PER_ROW = 20

type Row = ScanRows[ScanName]

/** Reads the metrics of a project for one query, in slices between which other work can run. */
export class StoreReader {
  readonly #store: MetricStore
  readonly #projectId: string
  readonly #scans: Scan<Row>[] = []

  constructor(store: MetricStore, projectId: string) {
    this.#store = store
    this.#projectId = projectId
  }

  reply(call: StoreCall): StoreReply {
    try {
      return this.#reply(call)
    } catch (error) {
      return { name: 'failed', message: messageOf(error) }
    }
  }

  #reply(call: StoreCall): StoreReply {
    const project = this.#store.projects.get(this.#projectId)
    switch (call.name) {
      case 'types':
        return { name: 'types', types: typesNamed(project, call.metricName) }
      case 'metadata':
        return { name: 'metadata', metadata: [...metadataOf(project)] }
      case 'next':
        return { name: 'slice', slice: this.#slice(call.scan) }
      default:
        return { name: 'slice', slice: this.#slice(this.#scans.push(this.#scan(call)) - 1) }
    }
  }

  #scan({ name, matchers: data, window }: ScanCall): Scan<Row> {
    const matchers = data.map((one) => new Matcher(one.name, one.operator, one.value))
    const project = this.#store.projects.get(this.#projectId)
    switch (name) {
      case 'select':
        return rows(selectStored(this.#store, this.#projectId, matchers, window), selectedRow)
      case 'list':
        return rows(listStored(project, matchers, window), (labels) => ({ labels: pairsOf(labels) }))
      case 'exemplars':
        return rows(exemplarsStored(project, matchers, window), exemplarRow)
    }
  }

  #slice(scan: number): Slice<Row> {
    const found: Row[] = []
    const startedMs = performance.now()
    let samples = 0
    for (;;) {
      const next = this.#scans[scan]?.next()
      if (next === undefined || next.done) return { scan, rows: found, isLast: true }
      if (next.value !== undefined) {
        found.push(next.value)
        samples += SAMPLES_PER_ROW + ('values' in next.value ? next.value.values.length : 0)
      }
      if (samples >= SLICE_SAMPLES || performance.now() - startedMs >= SLICE_MS)
        return { scan, rows: found, isLast: false }
    }
  }
}

function* rows<T>(scan: Scan<T>, toRow: (found: T) => Row): Scan<Row> {
  for (const found of scan) yield found === undefined ? undefined : toRow(found)
}

function selectedRow({ labels, timestamps, values, startTimestamps = [] }: SeriesSamples): ScanRows['select'] {
  return {
    labels: pairsOf(labels),
    timestamps: Float64Array.from(timestamps),
    values: Float64Array.from(values),
    startTimestamps: Float64Array.from(startTimestamps),
  }
}

function exemplarRow({ labels, exemplars }: SeriesExemplars): ScanRows['exemplars'] {
  return { labels: pairsOf(labels), exemplars }
}

function pairsOf(labels: Labels): LabelPairs {
  return [...labels].flat()
}
