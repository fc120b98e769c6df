import type { FlowListener } from '../artillery/flow-runner.ts'
import type { RequestEnd, RequestStart } from '../artillery/http-requests.ts'
import type { SeriesTally } from '../results/series-tally.ts'
import { Tally } from '../results/tally.ts'

/** The span of one request. */
export interface RequestTrace {
  readonly headers: Readonly<Record<string, string>>
  end(end: RequestEnd): void
}

/** Begins the span of a request that is about to be sent; undefined where nothing traces. */
export type RequestTracer = (start: RequestStart) => RequestTrace | undefined

/** A request on its way. */
export interface OpenRequest {
  readonly series: { readonly method: string; readonly name: string }
  readonly trace: RequestTrace | undefined
}

export interface RecorderOptions {
  readonly trace?: RequestTracer
  readonly maximumSeries?: number | undefined
}

/** Takes note of everything that virtual users do, in a tally that is handed over piece by piece. */
export class Recorder implements FlowListener<OpenRequest> {
  readonly #trace: RequestTracer
  readonly #maximumSeries: number | undefined
  readonly #traces = new WeakMap<object, RequestTrace>()
  readonly #open = new Set<OpenRequest>()
  #tally: Tally

  constructor(options: RecorderOptions = {}) {
    this.#trace = options.trace ?? (() => undefined)
    this.#maximumSeries = options.maximumSeries
    this.#tally = new Tally({ maximumSeries: options.maximumSeries })
  }

  /** Requests that were sent and have not ended. */
  get inFlight(): number {
    return this.#open.size
  }

  /** What was counted since the last call; counting goes on in a new tally. */
  take(): Tally {
    const taken = this.#tally
    this.#tally = new Tally({ maximumSeries: this.#maximumSeries })
    return taken
  }

  /** Counts every request that is still on its way as failed: its sender ends now. */
  abandonOpenRequests(error: string): void {
    for (const request of this.#open) {
      this.#seriesOf(request).addEnd({
        durationMs: undefined,
        firstByteMs: undefined,
        status: undefined,
        error,
        bytes: 0,
      })
    }
    this.#open.clear()
  }

  arrivalStarted(lagMs: number): void {
    this.#tally.arrivals++
    this.#tally.lag.add(lagMs)
  }

  arrivalSkipped(): void {
    this.#tally.usersSkipped++
  }

  firstRequestEnded(sinceDueMs: number): void {
    this.#tally.intended.add(sinceDueMs)
  }

  requestHeaders(start: RequestStart, token: object): Readonly<Record<string, string>> {
    const trace = this.#trace(start)
    if (trace === undefined) return {}
    this.#traces.set(token, trace)
    return trace.headers
  }

  requestSent(start: RequestStart, token: object | undefined): OpenRequest {
    const request: OpenRequest = { series: start, trace: token === undefined ? undefined : this.#traces.get(token) }
    this.#open.add(request)
    this.#seriesOf(request).requests++
    return request
  }

  requestEnded(request: OpenRequest, end: RequestEnd): void {
    if (!this.#open.delete(request)) return
    this.#seriesOf(request).addEnd(end)
    request.trace?.end(end)
  }

  userStarted(scenario: string): void {
    this.#tally.addCounter(`vusers.created_by_name.${scenario}`, 1)
  }

  userEnded(_scenario: string, durationMs: number, error: string | undefined): void {
    this.#tally.usersCompleted++
    if (error === undefined) this.#tally.sessions.add(durationMs)
    else if (error !== 'STOPPED') this.#tally.usersFailed++
  }

  counter(name: string, value: number): void {
    this.#tally.addCounter(name, value)
  }

  histogram(name: string, value: number): void {
    this.#tally.addHistogram(name, value)
  }

  error(code: string): void {
    this.#tally.addError(code)
  }

  #seriesOf(request: OpenRequest): SeriesTally {
    return this.#tally.seriesOf(request.series.method, request.series.name)
  }
}
