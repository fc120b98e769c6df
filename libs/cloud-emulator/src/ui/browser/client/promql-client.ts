import type { PromqlWords } from '../../../contract/promql.ts'
import { ApiError } from './api.ts'

type Sample = readonly [seconds: number, text: string]
type LabelSet = Readonly<Record<string, string>>
type HistogramSample = readonly [seconds: number, histogram: { readonly count: string; readonly sum: string }]

/** The data of an instant query in Prometheus' HTTP API. */
export type InstantAnswer =
  | {
      readonly resultType: 'vector'
      readonly result: readonly {
        readonly metric: LabelSet
        readonly value?: Sample
        readonly histogram?: HistogramSample
      }[]
    }
  | {
      readonly resultType: 'matrix'
      readonly result: readonly { readonly metric: LabelSet; readonly values?: readonly Sample[] }[]
    }
  | { readonly resultType: 'scalar' | 'string'; readonly result: Sample }

/** A result with its annotations. */
export interface Annotated<T> {
  readonly data: T
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

/** Prometheus' HTTP API for a project. */
export class PromqlClient {
  readonly #base: string

  constructor(project: string) {
    this.#base = `/v1/projects/${encodeURIComponent(project)}/location/global/prometheus/api/v1/`
  }

  /** Throws an {@link ApiError} with Prometheus' message. */
  instant(query: string, timeMs: number, signal: AbortSignal): Promise<Annotated<InstantAnswer>> {
    return this.#get('query', { query, time: String(timeMs / 1000) }, signal)
  }

  async metricNames(): Promise<readonly string[]> {
    return (await this.#get<readonly string[]>('label/__name__/values', {})).data
  }

  /** The labels of a metric, or of all metrics. */
  async labelNames(metric: string | undefined): Promise<readonly string[]> {
    return (await this.#get<readonly string[]>('labels', matching(metric))).data
  }

  async labelValues(label: string, metric: string | undefined): Promise<readonly string[]> {
    const path = `label/${encodeURIComponent(label)}/values`
    return (await this.#get<readonly string[]>(path, matching(metric))).data
  }

  async #get<T>(path: string, parameters: LabelSet, signal?: AbortSignal): Promise<Annotated<T>> {
    const response = await fetch(`${this.#base}${path}?${new URLSearchParams(parameters)}`, { signal: signal ?? null })
    const answer: Annotated<T> & { readonly error?: string } = await response.json()
    if (!response.ok) throw new ApiError(response.status, answer.error ?? response.statusText)
    return answer
  }
}

function matching(metric: string | undefined): LabelSet {
  return metric === undefined ? {} : { 'match[]': `{__name__=${JSON.stringify(metric)}}` }
}

/** The functions and aggregations of the language. */
export async function promqlWords(): Promise<PromqlWords> {
  const response = await fetch('/api/promql/words')
  if (!response.ok) throw new ApiError(response.status, response.statusText)
  const words: PromqlWords = await response.json()
  return words
}
