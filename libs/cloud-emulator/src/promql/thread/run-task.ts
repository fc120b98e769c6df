import { messageOf } from '@node-to-cloud/command-line'
import { QueryError } from '@node-to-cloud/promql'
import { RpcError } from '../../api/rpc-error.ts'
import { answerApi } from '../api/answer-api.ts'
import { instantVector } from '../instant-vector.ts'
import { answerPromqlChart } from '../promql-chart.ts'
import { ProjectPromql } from '../promql-engine.ts'
import type { PromqlSource } from '../promql-source.ts'
import type { QueryLimits } from '../query-limits.ts'
import type { JobOutcome, QueryTask, TaskAnswer } from './query-task.ts'

export interface TaskContext {
  readonly source: PromqlSource
  readonly limits: QueryLimits
  readonly isTrial: boolean
  readonly now: () => number
}

/** Runs a task, and returns how it ended. */
export function runTask(task: QueryTask, context: TaskContext): JobOutcome {
  try {
    return { kind: 'answered', answer: answerTask(task, context) }
  } catch (error) {
    if (context.isTrial && exceedsLimits(error)) return { kind: 'exceeded' }
    const code = error instanceof RpcError && error.code === 'INVALID_ARGUMENT' ? error.code : 'INTERNAL'
    return { kind: 'failed', code, message: messageOf(error) }
  }
}

function answerTask(task: QueryTask, context: TaskContext): TaskAnswer {
  if (task.kind === 'api') {
    const mayFail = context.isTrial ? exceedsLimits : () => false
    return { kind: 'api', reply: answerApi(task, { ...context, mayFail }) }
  }
  const promql = new ProjectPromql(context)
  if (task.kind === 'chart') return { kind: 'chart', columns: answerPromqlChart(promql, task.chart) }
  return { kind: 'vector', series: instantVector(promql, task.query, task.atMs) }
}

/** Whether a query ended because it exceeded a limit. */
function exceedsLimits(error: unknown): boolean {
  if (error instanceof QueryError) return error.kind === 'timeout' || error.kind === 'tooManySamples'
  return error instanceof Error && error.cause !== undefined && exceedsLimits(error.cause)
}
