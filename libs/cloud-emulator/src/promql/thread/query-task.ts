import type { VectorSeries } from '../../alerting/evaluation/measure-promql.ts'
import type { QueryAnswer } from '../../contract/charts.ts'
import type { ApiReply, ApiTask } from '../api/api-task.ts'
import type { PromqlChartQuery } from '../promql-chart.ts'
import type { QueryLimits } from '../query-limits.ts'

/** The query of a chart. */
export interface ChartTask {
  readonly kind: 'chart'
  readonly chart: PromqlChartQuery
}

/** An instant query, such as that of an alert policy. */
export interface VectorTask {
  readonly kind: 'vector'
  readonly query: string
  readonly atMs: number
}

export type QueryTask = ApiTask | ChartTask | VectorTask

/** The result of a task, of the same kind. */
export type TaskAnswer =
  | { readonly kind: 'api'; readonly reply: ApiReply }
  | { readonly kind: 'chart'; readonly columns: QueryAnswer }
  | { readonly kind: 'vector'; readonly series: readonly VectorSeries[] }

/** A task for a thread. */
export interface QueryJob {
  readonly task: QueryTask
  readonly limits: QueryLimits
  /** Whether a query that exceeds its limits will be retried with others instead of returning an error. */
  readonly isTrial: boolean
}

/** How a job ended. */
export type JobOutcome =
  | { readonly kind: 'answered'; readonly answer: TaskAnswer }
  | { readonly kind: 'failed'; readonly code: 'INVALID_ARGUMENT' | 'INTERNAL'; readonly message: string }
  | { readonly kind: 'exceeded' }
  | { readonly kind: 'outOfMemory' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'timedOut'; readonly where: 'query queue' | 'expression evaluation' }
