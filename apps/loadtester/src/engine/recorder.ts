import type { FlowListener } from '../flow/flow-runner.ts'
import { type RequestEnd, type RequestStart, type RequestTrace, STOPPED_CODE } from '../flow/request-events.ts'
import { CREATED_BY_NAME, DEFAULT_MAX_SERIES, OTHER_SERIES_NAME, Tally, type UserFailure } from '../results/tally.ts'

export interface RecorderOptions {
  /** Starts the span of a request; default: none. */
  readonly trace?: (start: RequestStart) => RequestTrace | undefined
  readonly maximumSeries?: number | undefined
  /** Reads what the script has set as `artillery.suggestedExitCode`; default: nothing. */
  readonly suggestedExitCode?: () => number
}

interface OpenSeries {
  readonly method: string
  readonly name: string
  /** Requests in flight. */
  open: number
}

/** Counts everything that virtual users do, in a tally that is handed over in increments. */
export class Recorder implements FlowListener {
  readonly requestTrace: (start: RequestStart) => RequestTrace | undefined
  readonly #maximumSeries: number
  readonly #suggestedExitCode: () => number
  /** Every series of the run so far; those beyond the maximum share {@link #other}. */
  readonly #series = new Map<string, OpenSeries>()
  readonly #other: OpenSeries = { method: '', name: OTHER_SERIES_NAME, open: 0 }
  #inFlight = 0
  #tally: Tally

  constructor(options: RecorderOptions = {}) {
    this.requestTrace = options.trace ?? (() => undefined)
    this.#maximumSeries = options.maximumSeries ?? DEFAULT_MAX_SERIES
    this.#suggestedExitCode = options.suggestedExitCode ?? (() => 0)
    this.#tally = this.#newTally()
  }

  /** Requests that were sent and have not ended. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** What was counted since the last call. */
  take(): Tally {
    const taken = this.#tally
    taken.suggestedExitCode = this.#suggestedExitCode()
    this.#tally = this.#newTally()
    return taken
  }

  /** Counts every request in flight as failed, because its sender ends now. */
  abandonOpenRequests(error: string): void {
    const end = { durationMs: undefined, firstByteMs: undefined, status: undefined, error, bytes: 0 }
    for (const series of [...this.#series.values(), this.#other]) {
      for (; series.open > 0; series.open--) this.#tally.seriesOf(series.method, series.name).addEnd(end)
    }
    this.#inFlight = 0
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

  requestSent(start: RequestStart): void {
    this.#seriesOf(start).open++
    this.#inFlight++
  }

  requestEnded(start: RequestStart, end: RequestEnd): void {
    const series = this.#seriesOf(start)
    if (series.open === 0) return
    series.open--
    this.#inFlight--
    this.#tally.seriesOf(series.method, series.name).addEnd(end)
    if (end.status !== undefined && end.durationMs !== undefined)
      this.#tally.addStatusLatency(end.status, end.durationMs)
  }

  userStarted(scenario: string): void {
    this.#tally.addCounter(`${CREATED_BY_NAME}${scenario}`, 1)
  }

  userEnded(_scenario: string, durationMs: number, failure: UserFailure | undefined): void {
    if (failure?.reason === STOPPED_CODE) {
      this.#tally.usersCut++
    } else if (failure !== undefined) {
      this.#tally.addFailedUser(failure)
    } else {
      this.#tally.usersCompleted++
      this.#tally.sessions.add(durationMs)
    }
  }

  /** Counts virtual users that were still running when the run was stopped. */
  usersCut(users: number): void {
    this.#tally.usersCut += users
  }

  /** Counts virtual users that end because an exception ended their engine. */
  usersCrashed(users: number, failure: UserFailure): void {
    for (let user = 0; user < users; user++) this.#tally.addFailedUser(failure)
  }

  counter(name: string, value: number): void {
    this.#tally.addCounter(name, value)
  }

  rate(name: string): void {
    this.#tally.addRate(name)
  }

  histogram(name: string, value: number): void {
    this.#tally.addHistogram(name, value)
  }

  error(code: string): void {
    this.#tally.addError(code)
  }

  #seriesOf({ method, name }: RequestStart): OpenSeries {
    const key = `${method} ${name}`
    const known = this.#series.get(key)
    if (known !== undefined) return known
    if (this.#series.size >= this.#maximumSeries) return this.#other
    const made = { method, name: name.slice(0, 500), open: 0 }
    this.#series.set(key, made)
    return made
  }

  #newTally(): Tally {
    return new Tally({ maximumSeries: this.#maximumSeries })
  }
}
