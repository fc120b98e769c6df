import {
  Engine,
  ParseError,
  parseQuery,
  positionText,
  type QueryResult,
  type SelectSeries,
} from '@node-to-cloud/promql'
import { type CloudDifference, cloudDifferences } from './cloud/cloud-differences.ts'
import { cloudResultDifferences, EndedSeries } from './cloud/cloud-result-differences.ts'
import type { PromqlSource } from './promql-source.ts'
import type { QueryLimits } from './query-limits.ts'

export interface PromqlOptions {
  readonly source: PromqlSource
  /** Whether to reject what Cloud Monitoring rejects; default false. */
  readonly strict?: boolean
  readonly limits: QueryLimits
  readonly lookbackMs?: number
  /** The clock that the timeout is measured with. */
  readonly now: () => number
}

/** A query's result, and how Cloud Monitoring's would differ. */
export interface ProjectAnswer {
  readonly result: QueryResult
  /** In the format of Prometheus' own infos. */
  readonly infos: readonly string[]
}

/** PromQL over the metrics of a project. */
export class ProjectPromql {
  readonly #engine: Engine
  readonly #options: PromqlOptions

  constructor(options: PromqlOptions) {
    const { limits, now, lookbackMs } = options
    this.#options = options
    this.#engine = new Engine({ ...limits, now, ...(lookbackMs !== undefined && { lookbackMs }) })
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
    const { source, strict } = this.#options
    const expression = parseQuery(query)
    const differences = cloudDifferences(expression, { source, ...steps })
    const refused = strict ? differences.find((one) => one.refused) : undefined
    if (refused !== undefined) {
      throw new ParseError(query, { start: refused.start, end: query.length }, `Cloud Monitoring: ${refused.text}`)
    }
    const ended = new EndedSeries(expression)
    const result = evaluate(ended.watch(source.select))
    const all = [...differences, ...cloudResultDifferences(expression, result), ...ended.differences()]
    return { result, infos: [...new Set(all.map((difference) => infoText(query, difference)))] }
  }
}

function infoText(query: string, { text, start }: CloudDifference): string {
  return `PromQL info: in Cloud Monitoring, ${text} (${positionText(query, { start, end: start })})`
}
