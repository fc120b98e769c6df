import { isDeepStrictEqual } from 'node:util'
import { Counter, type Registry } from '../metrics/client.ts'
import type { InFlightRequest } from './request/in-flight-request.ts'
import { knownMethod, OTHER_METHOD } from './request/known-method.ts'
import {
  type RequestDurationExemplar,
  RequestDurationHistogram,
  type RequestLabels,
} from './request-duration-histogram.ts'

/** The names of the metrics of a service's requests; a metric without a name is not registered. */
export interface RequestMetricsOptions {
  /** The histogram of durations, in seconds, by method, route and status. */
  readonly durationName: string
  readonly durationBuckets: readonly number[]
  /** The counter of requests, by method and status. */
  readonly requestsName?: string
  /** The counter of requests that ended in an unhandled error, by method and status. */
  readonly exceptionsName?: string
  /** What is left out is as in {@link DEFAULT_REQUEST_LABELS}. */
  readonly labels?: Partial<RequestLabels>
}

interface CompleteOptions extends RequestMetricsOptions {
  readonly labels: RequestLabels
}

/** The default labels: those of OpenTelemetry's stable HTTP conventions, as Prometheus writes them. */
export const DEFAULT_REQUEST_LABELS: RequestLabels = {
  method: 'http_request_method',
  route: 'http_route',
  status: 'http_response_status_code',
}

/** The default metrics. */
export const DEFAULT_REQUEST_METRICS: RequestMetricsOptions = {
  durationName: 'http_server_request_duration_seconds',
  durationBuckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
}

/** The route in the metrics of requests that match no route. */
export const UNMATCHED_PATH = 'unmatched'

/** The metrics of every request of a service. */
export class RequestMetrics {
  readonly #options: CompleteOptions
  readonly #labels: RequestLabels
  readonly #durations: RequestDurationHistogram
  readonly #exceptions: Counter | undefined

  static readonly #registered = new WeakMap<Registry, Map<string, RequestMetrics>>()

  private constructor(registry: Registry, options: CompleteOptions, isExponential: boolean) {
    const registers = [registry]
    const { labels } = options
    const labelNames = [labels.method, labels.status]
    const durations = new RequestDurationHistogram({
      name: options.durationName,
      help: 'Duration of requests in seconds',
      labels,
      buckets: options.durationBuckets,
      registers,
      isExponential,
    })
    this.#options = options
    this.#labels = labels
    this.#durations = durations
    if (options.requestsName !== undefined) {
      new Counter({
        name: options.requestsName,
        help: 'Requests answered',
        labelNames,
        registers,
        // Every request has a duration, so requests are already counted.
        collect() {
          this.reset()
          for (const { method, status, count } of durations.countsByMethodAndStatus()) {
            this.inc({ [labels.method]: method, [labels.status]: status }, count)
          }
        },
      })
    }
    if (options.exceptionsName !== undefined) {
      this.#exceptions = new Counter({
        name: options.exceptionsName,
        help: 'Requests that ended in an unhandled exception',
        labelNames,
        registers,
      })
    }
  }

  /**
   * The metrics of this name in `registry`, which several servers of a process may share.
   *
   * @param isExponential whether durations are also recorded in exponential buckets
   * @throws {RangeError} if they were registered with other options
   */
  static of(registry: Registry, given: RequestMetricsOptions, isExponential = false): RequestMetrics {
    const options = { ...given, labels: { ...DEFAULT_REQUEST_LABELS, ...given.labels } }
    const registered = RequestMetrics.#registered.get(registry) ?? new Map<string, RequestMetrics>()
    RequestMetrics.#registered.set(registry, registered)
    const metrics = registered.get(options.durationName) ?? new RequestMetrics(registry, options, isExponential)
    registered.set(options.durationName, metrics)
    if (!isDeepStrictEqual(metrics.#options, options)) {
      throw new RangeError(
        `the metrics of requests named ${options.durationName} are already registered with other options: give servers of one process the same \`metrics\`, or another durationName`,
      )
    }
    return metrics
  }

  /** Observes a request that has been answered. */
  observe(
    { request, response }: InFlightRequest,
    durationSeconds: number,
    exemplar: RequestDurationExemplar | undefined,
  ): void {
    const { url, config } = request.routeOptions
    if (config.disableMetrics === true) return
    this.#durations.record(request.method, url ?? UNMATCHED_PATH, response.statusCode, durationSeconds, exemplar)
  }

  /** Counts a request that could not be parsed. */
  observeMalformed(status: number): void {
    this.#durations.record(OTHER_METHOD, UNMATCHED_PATH, status, 0)
  }

  /** Counts an unhandled error. */
  countException(method: string, status: number): void {
    this.#exceptions?.inc({ [this.#labels.method]: knownMethod(method), [this.#labels.status]: status })
  }
}
