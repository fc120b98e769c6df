import { Engine, type QueryResult } from '@node-to-cloud/promql'
import type { MetricStore } from '../monitoring/store/metric-store.ts'
import { selectStored } from './select-stored.ts'

export interface PromqlOptions {
  readonly store: MetricStore
  readonly projectId: string
  readonly timeoutMs?: number
  readonly lookbackMs?: number
}

/** PromQL over the metrics of a project, within the limits of the store. */
export class ProjectPromql {
  readonly #engine: Engine
  readonly #options: PromqlOptions

  constructor(options: PromqlOptions) {
    const { store, timeoutMs, lookbackMs } = options
    this.#options = options
    this.#engine = new Engine({
      maxSamples: store.limits.maxQuerySamples,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(lookbackMs !== undefined && { lookbackMs }),
    })
  }

  /** Throws a `ParseError` or a `QueryError`. */
  instant(query: string, timeMs: number): QueryResult {
    return this.#engine.instant(this.#select(), query, timeMs)
  }

  /** Throws a `ParseError` or a `QueryError`. */
  range(query: string, startMs: number, endMs: number, stepMs: number): QueryResult {
    return this.#engine.range(this.#select(), query, startMs, endMs, stepMs)
  }

  #select() {
    return selectStored(this.#options.store, this.#options.projectId)
  }
}
