import type { PromqlSource } from '../promql-source.ts'
import type { QueryLimits } from '../query-limits.ts'
import type { ApiParameters } from './api-parameters.ts'

/** One request of Prometheus' API. */
export interface ApiRequest {
  readonly source: PromqlSource
  readonly parameters: ApiParameters
  /** What is wrong with its form or its URL, if anything is; of which but one endpoint takes notice. */
  readonly formProblem: string | undefined
  /** The name in `label/…/values`. */
  readonly label: string
  /** Whether what Cloud Monitoring refuses is refused here. */
  readonly strict: boolean
  readonly nowMs: number
  readonly retentionMs: number
  readonly limits: QueryLimits
  /** The clock that timeouts are measured with. */
  readonly now: () => number
}

/** What an endpoint answers. */
export interface ApiAnswer {
  /** Undefined for an answer without content. */
  readonly data: unknown
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

export type Endpoint = (request: ApiRequest) => ApiAnswer
