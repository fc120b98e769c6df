import type { FlowListener } from '../flow/flow-runner.ts'
import { type RequestEnd, type RequestStart, type RequestTrace, stoppedCodes } from '../flow/request-listener.ts'
import { defaultMaximumSeries, otherSeriesName, Tally } from '../results/tally.ts'

export interface RecorderOptions {
  /** Begins the span of a request; default: none. */
  readonly trace?: (start: RequestStart) => RequestTrace | undefined
  readonly maximumSeries?: number | undefined
}

interface KnownSeries {
  readonly method: string
  readonly name: string
  open: number
}

/** Takes note of everything that virtual users do, in a tally that is handed over piece by piece. */
export class Recorder implements FlowListener {
  readonly requestTrace: (start: RequestStart) => RequestTrace | undefined
  readonly #maximumSeries: number
  /** Every series of the run so far, and those that share one because there are too many, with their requests on their way. */
  readonly #known = new Map<string, KnownSeries>()
  readonly #other: KnownSeries = { method: '', name: otherSeriesName, open: 0 }
  #inFlight = 0
  #tally: Tally

  constructor(options: RecorderOptions = {}) {
    this.requestTrace = options.trace ?? (() => undefined)
    this.#maximumSeries = options.maximumSeries ?? defaultMaximumSeries
    this.#tally = this.#newTally()
  }

  /** Requests that were sent and have not ended. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** What was counted since the last call; counting goes on in a new tally. */
  take(): Tally {
    const taken = this.#tally
    this.#tally = this.#newTally()
    return taken
  }

  /** Counts every request that is still on its way as failed: its sender ends now. */
  abandonOpenRequests(error: string): void {
    for (const known of [...this.#known.values(), this.#other]) {
      for (; known.open > 0; known.open--) {
        this.#tally
          .seriesOf(known.method, known.name)
          .addEnd({ durationMs: undefined, firstByteMs: undefined, status: undefined, error, bytes: 0 })
      }
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
    const known = this.#seriesOf(start)
    known.open++
    this.#inFlight++
    this.#tally.seriesOf(known.method, known.name).requests++
  }

  requestEnded(start: RequestStart, end: RequestEnd): void {
    const known = this.#seriesOf(start)
    if (known.open === 0) return
    known.open--
    this.#inFlight--
    this.#tally.seriesOf(known.method, known.name).addEnd(end)
  }

  userStarted(scenario: string): void {
    this.#tally.addCounter(`vusers.created_by_name.${scenario}`, 1)
  }

  userEnded(_scenario: string, durationMs: number, error: string | undefined): void {
    this.#tally.usersCompleted++
    if (error === undefined) this.#tally.sessions.add(durationMs)
    else if (!stoppedCodes.includes(error)) this.#tally.usersFailed++
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

  #seriesOf({ method, name }: RequestStart): KnownSeries {
    const key = `${method} ${name}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#known.size >= this.#maximumSeries) return this.#other
    const made = { method, name: name.slice(0, 500), open: 0 }
    this.#known.set(key, made)
    return made
  }

  #newTally(): Tally {
    return new Tally({ maximumSeries: this.#maximumSeries })
  }
}
