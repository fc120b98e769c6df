import type { ReadHistograms } from '../../src/gaps/remote-read.ts'
import { encodeLabels, type Labels, labelsKey } from '../../src/model/labels/labels.ts'
import type { NativeHistogram } from '../../src/model/native-histogram.ts'
import { PrometheusApiError } from '../../src/targets/prometheus-api.ts'
import type { Sent } from './ingester-rig.ts'

/** Prometheus' query API, with a database that tests fill. */
export class FakePrometheus {
  readonly queries: string[] = []
  /** Fails a query. */
  failure: (() => Error | undefined) | undefined
  /** Whether `write_relabel_configs` let a series pass. */
  isSent: (labels: Labels) => boolean = () => true
  readonly externalLabels: Labels
  readonly #histograms = new Map<string, { labels: Labels; histograms: NativeHistogram[] }>()
  readonly #series = new Map<string, { labels: Labels; samples: Map<number, number> }>()

  constructor(externalLabels: Labels = new Map()) {
    this.externalLabels = externalLabels
  }

  add(...samples: readonly Sent[]): void {
    for (const { labels, timestampMs, value, stale } of samples) {
      if (stale === true) continue
      const map = new Map(Object.entries(labels))
      const key = encodeLabels(map).toString('latin1')
      const series = this.#series.get(key) ?? { labels: map, samples: new Map<number, number>() }
      this.#series.set(key, series)
      series.samples.set(timestampMs, value)
    }
  }

  addHistogram(labels: Labels, histogram: NativeHistogram): void {
    const key = labelsKey(encodeLabels(labels))
    const series = this.#histograms.get(key) ?? { labels, histograms: [] }
    this.#histograms.set(key, series)
    series.histograms.push(histogram)
  }

  readonly readHistograms: ReadHistograms = async ({ target, metrics }, { fromMs, toMs }) => {
    const failure = this.failure?.()
    if (failure !== undefined) throw failure
    const found = new Map<string, readonly NativeHistogram[]>()
    for (const [key, { labels, histograms }] of this.#histograms) {
      if (!metrics.has(labels.get('__name__') ?? '')) continue
      if ([...target].some(([name, value]) => labels.get(name) !== value)) continue
      found.set(
        key,
        histograms.filter(({ timestampMs }) => timestampMs > fromMs && timestampMs <= toMs),
      )
    }
    return found
  }

  readonly request = async (path: string, query: Readonly<Record<string, string>>): Promise<unknown> => {
    const failure = this.failure?.()
    if (failure !== undefined) throw failure
    if (path !== '/api/v1/query') throw new PrometheusApiError(`${path} is unknown`, { status: 404 })
    this.queries.push(query.query ?? '')
    const [, matchers = '', range = ''] = /^\{(.*)\}\[(\d+)ms\]$/.exec(query.query ?? '') ?? []
    const toMs = Math.round(Number(query.time) * 1000)
    const parsed = [...matchers.matchAll(/([\w]+|"(?:\\.|[^"\\])*")(=~?)("(?:\\.|[^"\\])*")/g)]
    const result = [...this.#series.values()]
      .filter(({ labels }) =>
        parsed.every(([, name = '', operator, value = '']) => {
          const own = labels.get(name.startsWith('"') ? JSON.parse(name) : name) ?? ''
          return operator === '=' ? own === JSON.parse(value) : new RegExp(`^(?:${JSON.parse(value)})$`).test(own)
        }),
      )
      .map(({ labels, samples }) => ({
        metric: Object.fromEntries(labels),
        values: [...samples]
          .filter(([timestampMs]) => timestampMs > toMs - Number(range) && timestampMs <= toMs)
          .sort(([a], [b]) => a - b)
          .map(([timestampMs, value]) => [timestampMs / 1000, String(value)]),
      }))
      .filter(({ values }) => values.length > 0)
    return { resultType: 'matrix', result }
  }
}
