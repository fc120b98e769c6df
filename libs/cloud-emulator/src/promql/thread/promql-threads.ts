import type { VectorSeries } from '../../alerting/evaluation/measure-promql.ts'
import { RpcError } from '../../api/rpc-error.ts'
import type { QueryAnswer } from '../../contract/charts.ts'
import type { MetricStore } from '../../monitoring/store/metric-store.ts'
import { errorReply } from '../api/answer-api.ts'
import { ApiError } from '../api/api-error.ts'
import type { ApiOptions, ApiReply, ApiTask } from '../api/api-task.ts'
import type { PromqlChartQuery } from '../promql-chart.ts'
import { QueryLane } from './query-lane.ts'
import type { JobOutcome, QueryTask } from './query-task.ts'
import { StoreReader } from './store-reader.ts'

/** The default timeout of API requests. */
const API_TIMEOUT_MS = 120_000
const CHART_TIMEOUT_MS = 30_000
/** How long the query of an alert policy may wait and run. */
const VECTOR_TIMEOUT_MS = 30_000
/** How long a query may run in the first thread, and the query of an alert policy in total. */
const SHORT_MS = 1000
/** The fraction of its sample limit that a query may use in the first thread. */
const SHORT_SHARE = 1 / 8

/**
 * Evaluates PromQL in separate threads, so that no query blocks writes and pages. There are two: each query starts in
 * the first one, where it may take a second; one that takes longer starts over in the second one, so that long queries
 * only block each other.
 */
export class PromqlThreads {
  readonly #store: MetricStore
  readonly #short: QueryLane
  readonly #long: QueryLane

  constructor(store: MetricStore) {
    this.#store = store
    this.#short = new QueryLane(this.#shortSamples)
    this.#long = new QueryLane(store.limits.maxQuerySamples)
  }

  /** Handles a request of Prometheus' API; errors are part of the response. It ends early if the signal is aborted. */
  async api(projectId: string, task: ApiTask, options: ApiOptions = {}): Promise<ApiReply> {
    const timeoutMs = Math.min(API_TIMEOUT_MS, options.timeoutMs ?? API_TIMEOUT_MS)
    const outcome = await this.#run(projectId, task, timeoutMs, options.signal)
    if (outcome.kind === 'answered' && outcome.answer.kind === 'api') return outcome.answer.reply
    return errorReply(apiErrorOf(outcome))
  }

  /** Evaluates the query of a chart. Throws `RpcError`. */
  async chart(projectId: string, chart: PromqlChartQuery): Promise<QueryAnswer> {
    const outcome = await this.#run(projectId, { kind: 'chart', chart }, CHART_TIMEOUT_MS)
    if (outcome.kind === 'answered' && outcome.answer.kind === 'chart') return outcome.answer.columns
    throw rpcErrorOf(outcome)
  }

  /** The series of an instant query, which may take a second. Throws `RpcError`. */
  async vector(projectId: string, query: string, atMs: number): Promise<readonly VectorSeries[]> {
    const outcome = await this.#short.run({
      task: { kind: 'vector', query, atMs },
      reader: new StoreReader(this.#store, projectId),
      maxSamples: this.#shortSamples,
      deadlineMs: performance.now() + VECTOR_TIMEOUT_MS,
      evaluationMs: SHORT_MS,
      isTrial: false,
      signal: undefined,
    })
    if (outcome.kind === 'answered' && outcome.answer.kind === 'vector') return outcome.answer.series
    throw rpcErrorOf(outcome)
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all([this.#short.close(), this.#long.close()])
  }

  get #shortSamples(): number {
    return Math.ceil(this.#store.limits.maxQuerySamples * SHORT_SHARE)
  }

  async #run(projectId: string, task: QueryTask, timeoutMs: number, signal?: AbortSignal): Promise<JobOutcome> {
    const deadlineMs = performance.now() + timeoutMs
    const { maxQuerySamples } = this.#store.limits
    const reader = () => new StoreReader(this.#store, projectId)
    const base = { task, deadlineMs, signal }
    const short = { reader: reader(), maxSamples: this.#shortSamples, evaluationMs: SHORT_MS, isTrial: true }
    const outcome = await this.#short.run({ ...base, ...short })
    if (outcome.kind !== 'exceeded') return outcome
    const long = { reader: reader(), maxSamples: maxQuerySamples, evaluationMs: timeoutMs, isTrial: false }
    return this.#long.run({ ...base, ...long })
  }
}

const OUT_OF_MEMORY = 'query processing would load too many samples into memory in query execution'

function apiErrorOf(outcome: JobOutcome): ApiError {
  switch (outcome.kind) {
    case 'timedOut':
      return new ApiError('timeout', `query timed out in ${outcome.where}`)
    case 'cancelled':
      return new ApiError('canceled', 'query was canceled')
    case 'outOfMemory':
      return new ApiError('execution', OUT_OF_MEMORY)
    case 'failed':
      return new ApiError('internal', outcome.message)
    default:
      return new ApiError('internal', `a query ended as "${outcome.kind}"`)
  }
}

function rpcErrorOf(outcome: JobOutcome): RpcError {
  if (outcome.kind === 'failed') return new RpcError(outcome.code, outcome.message)
  const { type, message } = apiErrorOf(outcome)
  return new RpcError(type === 'internal' ? 'INTERNAL' : 'INVALID_ARGUMENT', message)
}
