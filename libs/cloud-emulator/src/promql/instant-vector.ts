import { ParseError, QueryError } from '@node-to-cloud/promql'
import { RpcError } from '../api/rpc-error.ts'
import type { MetricStore } from '../monitoring/store/metric-store.ts'
import { ProjectPromql } from './promql-engine.ts'

/** An alert's query may not hold up the other ones. */
const TIMEOUT_MS = 1000

/**
 * The series of an instant query with their labels and numbers; native histograms are left out. Throws INVALID_ARGUMENT
 * with Prometheus' message.
 */
export function instantVector(
  store: MetricStore,
  projectId: string,
): (query: string, atMs: number) => { labels: Record<string, string>; value: number }[] {
  const promql = new ProjectPromql({ store, projectId, timeoutMs: TIMEOUT_MS })
  return (query, atMs) => {
    try {
      const { value } = promql.instant(query, atMs).result
      if (value.type === 'scalar') return [{ labels: {}, value: value.value }]
      if (value.type !== 'vector') return []
      return value.samples.flatMap((sample) =>
        typeof sample.value === 'number' ? [{ labels: Object.fromEntries(sample.labels), value: sample.value }] : [],
      )
    } catch (error) {
      if (error instanceof ParseError || error instanceof QueryError)
        throw new RpcError('INVALID_ARGUMENT', error.message, { cause: error })
      throw error
    }
  }
}
