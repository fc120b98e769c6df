import type { PromqlSource } from '../promql-source.ts'
import type { QueryLimits } from '../query-limits.ts'
import type { ApiParameters } from './api-parameters.ts'

/** One request of Prometheus' API. */
export interface ApiRequest {
  readonly source: PromqlSource
  readonly parameters: ApiParameters
  /** The error in its form or URL, if there is one; only one endpoint reports it. */
  readonly formProblem: string | undefined
  /** The name in `label/…/values`. */
  readonly label: string
  /** Whether to reject what Cloud Monitoring rejects. */
  readonly strict: boolean
  readonly nowMs: number
  readonly retentionMs: number
  readonly limits: QueryLimits
  /** The clock that timeouts are measured with. */
  readonly now: () => number
}

/** The response of an endpoint. */
export interface ApiAnswer {
  /** Undefined for a response without content. */
  readonly data: unknown
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

export type Endpoint = (request: ApiRequest) => ApiAnswer
