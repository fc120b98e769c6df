import { STATUS_CODES } from 'node:http'
import { Histogram, type HistogramConfiguration } from '../metrics/client.ts'
import type { AnsweredRequest } from './answered-request.ts'
import { knownMethod } from './known-method.ts'

/** The label names of a request's duration, in the order in which they are printed. */
export type RequestLabel = 'method' | 'path' | 'status'

type RequestLabels = Partial<Record<RequestLabel, string | number>>

/** What was observed for one label set. */
interface Child {
  readonly labels: Readonly<Record<RequestLabel, string | number>>
  /** Observations by bucket, not cumulative; the last one is `+Inf`. */
  readonly counts: Float64Array
  sum: number
  /** The newest example of each bucket: the trace, where there is one, the value and the time in seconds. Written in place, since most requests bring one. */
  readonly exemplarTraceIds: (string | undefined)[]
  readonly exemplarValues: Float64Array
  readonly exemplarTimes: Float64Array
}

/** An exemplar in the client's JSON. */
interface ClientExemplar {
  readonly labelSet: Readonly<Record<string, string>>
  readonly value: number
  readonly timestamp: number
}

type ByMethod = Map<string | number, Map<string | number, Child>>

/**
 * The client's histogram for `{method, path, status}`, which fastify-metrics times requests with: label sets are resolved once and counted
 * in typed arrays, since the client's own histogram makes and hashes several objects an observation. It takes no other labels, and gives the
 * same JSON, with exemplars where the request's trace is sampled.
 */
export class RequestDurationHistogram extends Histogram<RequestLabel> {
  readonly #family: { readonly name: string; readonly help: string }
  readonly #bounds: readonly number[]
  readonly #answered: AnsweredRequest
  readonly #timer: (labels?: RequestLabels) => number
  readonly #children: Child[] = []
  readonly #byPath = new Map<string | number, ByMethod>()
  #last: Child | undefined

  constructor(configuration: HistogramConfiguration<RequestLabel>, answered: AnsweredRequest) {
    super(configuration)
    this.#family = { name: configuration.name, help: configuration.help }
    this.#bounds = [...(configuration.buckets ?? [])].sort((a, b) => a - b)
    this.#answered = answered
    this.#timer = (labels = {}) => {
      const { durationSeconds } = this.#answered
      this.#observe(labels, durationSeconds)
      return durationSeconds
    }
    // The client's constructor sets an `observe` of its own on the instance.
    this.observe = (labels: unknown, value?: number) => this.#observe(labels as RequestLabels, value ?? Number.NaN)
  }

  /**
   * Gives a timer, which observes the duration of the request that has just been answered. It is the same timer for all requests: the clock has
   * been read at the begin and the end of each, and one more reading takes 0.1 µs on a virtual machine.
   */
  override startTimer(): (labels?: RequestLabels) => number {
    this.#answered.hasTimer = true
    return this.#timer
  }

  /** The client's JSON: for each label set its cumulative buckets, sum and count, next to one another. */
  override async get(): ReturnType<Histogram<RequestLabel>['get']> {
    const json: unknown = {
      ...this.#family,
      type: 'histogram',
      aggregator: 'sum',
      values: this.#children.flatMap((child) => this.#values(child)),
    }
    // The client's types want `type` as a number and a `collect`; its JSON has the name of the type and no `collect`.
    return json as Awaited<ReturnType<Histogram<RequestLabel>['get']>>
  }

  /** What the client's own text rendering asks for. */
  getForPromString() {
    return this.get()
  }

  /** How many observations there are, by method and status. */
  *countsByMethodAndStatus(): Generator<{
    readonly method: string | number
    readonly status: string | number
    readonly count: number
  }> {
    for (const { labels, counts } of this.#children) {
      yield { method: labels.method, status: labels.status, count: counts.reduce((sum, count) => sum + count, 0) }
    }
  }

  override reset(): void {
    // The client's constructor calls this before there is anything to reset.
    if (!(#children in this)) return
    this.#children.length = 0
    this.#byPath.clear()
    this.#last = undefined
  }

  #observe(labels: RequestLabels, seconds: number): void {
    const child = this.#child(labels.method ?? '', labels.path ?? '', labels.status ?? '')
    const bounds = this.#bounds
    let bucket = 0
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket++
    child.counts[bucket] = (child.counts[bucket] ?? 0) + 1
    child.sum += seconds
    const { sampledTraceId, endTimeSeconds } = this.#answered
    if (sampledTraceId !== undefined) {
      child.exemplarTraceIds[bucket] = sampledTraceId
      child.exemplarValues[bucket] = seconds
      child.exemplarTimes[bucket] = endTimeSeconds
    }
  }

  #child(sentMethod: string | number, path: string | number, sentStatus: string | number): Child {
    const last = this.#last
    if (last && last.labels.status === sentStatus && last.labels.path === path && last.labels.method === sentMethod) {
      return last
    }
    const method = knownMethod(String(sentMethod))
    const status = Number(sentStatus) in STATUS_CODES ? sentStatus : `${String(sentStatus).slice(0, 1)}xx`
    const byStatus = getOrMake(getOrMake<ByMethod>(this.#byPath, path, newMap), method, newMap<Child>)
    this.#last = getOrMake(byStatus, status, () => this.#newChild({ method, path, status }))
    return this.#last
  }

  #newChild(labels: Child['labels']): Child {
    const buckets = this.#bounds.length + 1
    const child = {
      labels,
      counts: new Float64Array(buckets),
      sum: 0,
      exemplarTraceIds: new Array<string | undefined>(buckets).fill(undefined),
      exemplarValues: new Float64Array(buckets),
      exemplarTimes: new Float64Array(buckets),
    }
    this.#children.push(child)
    return child
  }

  #values(child: Child) {
    const { labels, counts, sum } = child
    const { name } = this.#family
    let count = 0
    const buckets = Array.from(counts, (inBucket, index) => {
      count += inBucket
      return {
        metricName: `${name}_bucket`,
        labels: { ...labels, le: this.#bounds[index] ?? '+Inf' },
        value: count,
        exemplar: exemplarOf(child, index),
      }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ]
  }
}

function exemplarOf(child: Child, bucket: number): ClientExemplar | null {
  const traceId = child.exemplarTraceIds[bucket]
  if (traceId === undefined) return null
  return {
    labelSet: { trace_id: traceId },
    value: child.exemplarValues[bucket] ?? 0,
    timestamp: child.exemplarTimes[bucket] ?? 0,
  }
}

function newMap<V>(): Map<string | number, V> {
  return new Map()
}

function getOrMake<V>(map: Map<string | number, V>, key: string | number, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
