import {
  Engine,
  ParseError,
  parseQuery,
  positionText,
  type QueryResult,
  type SelectSeries,
} from '@node-to-cloud/promql'
import type { MetricStore } from '../monitoring/store/metric-store.ts'
import { type CloudDifference, cloudDifferences } from './cloud-differences.ts'
import { cloudRemarks, EndedSeries } from './cloud-remarks.ts'
import { selectStored } from './select-stored.ts'

export interface PromqlOptions {
  readonly store: MetricStore
  readonly projectId: string
  /** Whether what Cloud Monitoring refuses is refused; default false. */
  readonly strict?: boolean
  readonly timeoutMs?: number
  readonly lookbackMs?: number
}

/** A query's result, and what Cloud Monitoring would have done otherwise. */
export interface ProjectAnswer {
  readonly result: QueryResult
  /** In the form of Prometheus' own infos. */
  readonly infos: readonly string[]
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
  instant(query: string, timeMs: number): ProjectAnswer {
    return this.#answer(query, {}, (select) => this.#engine.instant(select, query, timeMs))
  }

  /** Throws a `ParseError` or a `QueryError`. */
  range(query: string, startMs: number, endMs: number, stepMs: number): ProjectAnswer {
    return this.#answer(query, { stepMs }, (select) => this.#engine.range(select, query, startMs, endMs, stepMs))
  }

  #answer(
    query: string,
    steps: { readonly stepMs?: number },
    evaluate: (select: SelectSeries) => QueryResult,
  ): ProjectAnswer {
    const { store, projectId, strict } = this.#options
    const expression = parseQuery(query)
    const differences = cloudDifferences(expression, { project: store.projects.get(projectId), ...steps })
    const refused = strict ? differences.find((one) => one.refused) : undefined
    if (refused !== undefined) {
      throw new ParseError(query, { start: refused.start, end: query.length }, `Cloud Monitoring: ${refused.text}`)
    }
    const ended = new EndedSeries(expression)
    const result = evaluate(ended.watch(selectStored(store, projectId)))
    const all = [...differences, ...cloudRemarks(expression, result), ...ended.remarks()]
    return { result, infos: [...new Set(all.map((difference) => infoText(query, difference)))] }
  }
}

function infoText(query: string, { text, start }: CloudDifference): string {
  return `PromQL info: in Cloud Monitoring, ${text} (${positionText(query, { start, end: start })})`
}
