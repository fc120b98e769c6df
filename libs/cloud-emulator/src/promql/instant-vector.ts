import { ParseError, QueryError } from '@node-to-cloud/promql'
import type { VectorSeries } from '../alerting/evaluation/measure-promql.ts'
import { RpcError } from '../api/rpc-error.ts'
import type { ProjectPromql } from './promql-engine.ts'

/**
 * The series of an instant query with their labels and floats; native histograms are left out. Throws INVALID_ARGUMENT
 * with Prometheus' message.
 */
export function instantVector(promql: ProjectPromql, query: string, atMs: number): VectorSeries[] {
  try {
    const { value } = promql.instant(query, atMs).result
    if (value.type === 'scalar') return [{ labels: {}, value: value.value }]
    if (value.type !== 'vector') return []
    return value.samples.flatMap((sample) =>
      typeof sample.value === 'number' ? [{ labels: sample.labels.toJSON(), value: sample.value }] : [],
    )
  } catch (error) {
    if (error instanceof ParseError || error instanceof QueryError)
      throw new RpcError('INVALID_ARGUMENT', error.message, { cause: error })
    throw error
  }
}
