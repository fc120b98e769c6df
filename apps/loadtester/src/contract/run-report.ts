/** Open: virtual users arrive at a rate, however long each one takes. Closed: a fixed number of users repeat their scenario. */
export type LoadModel = 'open' | 'closed'

/** Quantiles of a distribution, in its own unit; all 0 when nothing was measured. */
export interface Quantiles {
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly max: number
  readonly p50: number
  readonly p75: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
  readonly p999: number
}

/** One second of a run. */
export interface TimelinePoint {
  /** Start of the second on the fleet's clock, in ms since the epoch. */
  readonly atMs: number
  /** Requests that ended in this second. */
  readonly requests: number
  /** The failed ones among them. */
  readonly failures: number
  readonly arrivals: number
  /** Virtual users at the end of the second. */
  readonly users: number
  /** The target level: arrivals a second, or users. */
  readonly target: number
  /** Response times in ms. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly mean: number
  /** How late virtual users started, in ms. */
  readonly lagP99: number
  /** The busiest engine's share of busy time, 0 to 1. */
  readonly utilization: number
  /** The load generator, not the target, may have been the bottleneck. */
  readonly generatorBound: boolean
}

/** A metric of the requests to one endpoint. */
export interface EndpointMetric {
  /** Names of the series that it sums up. */
  readonly series: readonly string[]
  /** `p95` and the like of the response time, `codes.200`, or `errors.ETIMEDOUT`. */
  readonly value: string
}

/** A condition that is more than a comparison of one metric. */
export interface Formula {
  /** An expression over `m0`, `m1`, …, which are the inputs. */
  readonly source: string
  readonly inputs: readonly { readonly metric: string; readonly endpoint?: EndpointMetric | undefined }[]
}

/** A bound from the script's `ensure`. */
export interface Bound {
  /** As written in the script. */
  readonly text: string
  readonly metric: string
  /** Set for a metric by endpoint. */
  readonly endpoint?: EndpointMetric | undefined
  /** Set for a condition of several metrics: what is compared in place of a metric. */
  readonly formula?: Formula | undefined
  readonly comparison: '<' | '<=' | '>' | '>=' | '==' | '!='
  readonly limit: number
  /** Missing this bound fails the run. */
  readonly strict: boolean
}

/** A bound, and whether the run meets it. */
export interface BoundResult extends Bound {
  /** Undefined when nothing has been measured yet. */
  readonly value: number | undefined
  readonly ok: boolean
}

/** One row of the statistics: the requests of one method and name. */
export interface SeriesRow {
  readonly method: string
  readonly name: string
  readonly requests: number
  readonly failures: number
  readonly bytes: number
  /** Requests that ended a second, averaged over the run so far. */
  readonly rate: number
  readonly failureRate: number
  /** The same in the last seconds. */
  readonly currentRate: number
  readonly currentFailureRate: number
  readonly latencyMs: Quantiles
  /** The run's percentiles of the response time in ms: `[99.5, 120]`. Undefined in reports of earlier releases. */
  readonly percentiles?: readonly (readonly [percentile: number, value: number])[] | undefined
  /** Undefined if no request has had a first byte. */
  readonly firstByteMs: Quantiles | undefined
  readonly statuses: readonly (readonly [string, number])[]
}

/** How often requests of one method and name failed with a given error. */
export interface FailureRow {
  readonly method: string
  readonly name: string
  readonly error: string
  readonly count: number
  /** The seconds in which it happened first and last, in ms since the epoch; undefined if they are not known. */
  readonly firstSeenMs?: number | undefined
  readonly lastSeenMs?: number | undefined
}

/** How often an engine, a processor or a hook ended a virtual user with a given error. */
export interface ExceptionRow {
  /** The error's code, else its message. */
  readonly message: string
  readonly count: number
  /** Where the first one was thrown; empty if that is not known. */
  readonly traceback: string
  /** Names of the workers on which it was thrown. */
  readonly workers: readonly string[]
}

/** The virtual users of one scenario. */
export interface ScenarioRow {
  readonly name: string
  readonly started: number
  /** How many are running now. */
  readonly running: number
  /** Its share of all running users; of all started ones once none are running. */
  readonly ratio: number
}

/** An event during a run, as text. */
export interface RunEvent {
  readonly atMs: number
  readonly text: string
}

/** What one worker contributed to a run. */
export interface WorkerShare {
  readonly name: string
  readonly arrivals: number
  readonly requests: number
}

/** How virtual users ended. */
export interface UserCounts {
  /** Without an error. */
  readonly completed: number
  /** With an error. */
  readonly failed: number
  /** Those that failed because a request did; the others failed because of an engine, a processor or a hook. */
  readonly failedByRequest: number
  /** Still running when the run was stopped. */
  readonly cut: number
}

/** The verdict on a run. Without bounds, a run in which nothing went wrong has not passed anything either. */
export type Verdict = 'passed' | 'failed' | 'no bounds'

export type RunState = 'preparing' | 'running' | 'paused' | 'stopping' | 'finished' | 'failed'

/** Everything known about a run, as plain data: shown by the console, stored in the history, rendered as reports. */
export interface RunReport {
  readonly id: string
  readonly state: RunState
  readonly script: string
  /** SHA-256 of the script and its files. */
  readonly digest: string
  readonly target: string
  readonly model: LoadModel
  /** Times are in ms since the epoch. */
  readonly startedMs: number
  /** Undefined while the run is live. */
  readonly endedMs: number | undefined
  readonly durationSeconds: number
  /** The current target level: arrivals a second, or users. */
  readonly level: number
  /** Requests that ended. */
  readonly requests: number
  readonly failures: number
  /** Requests that were sent and have not ended. */
  readonly inFlight: number
  readonly arrivals: number
  /**
   * Arrivals that were due in the whole load: those that started, were skipped or are unaccounted. Undefined while the
   * load is not over, if it was stopped or reset, in the closed model, and with Poisson arrivals.
   */
  readonly planned?: number | undefined
  /** Arrivals that were due but not started: the limit of virtual users was reached, or no worker could start them. */
  readonly skipped: number
  /** Arrivals that lost workers may have started but never reported. */
  readonly unaccounted: number
  /** Requests of lost workers that were in flight, and whose outcome is unknown. */
  readonly unfinished: number
  readonly users: UserCounts
  /** Failed virtual users, by the code or message of the error that ended them. */
  readonly userFailures: readonly (readonly [string, number])[]
  /** What engines, processors and hooks threw, and so ended virtual users. */
  readonly exceptions: readonly ExceptionRow[]
  /** Arrivals a second, averaged over the time under load. */
  readonly achievedRate: number
  readonly latencyMs: Quantiles
  /** Response times of the last seconds. */
  readonly currentLatencyMs: Quantiles
  /** From when an arrival was due to the end of its first request. */
  readonly intendedLatencyMs: Quantiles
  readonly lagMs: Quantiles
  readonly generatorBound: boolean
  /** Whether the run exits with 0. */
  readonly ok: boolean
  readonly verdict: Verdict
  /** The exit code of `loadtester run`. */
  readonly exitCode: number
  /** Why the run failed as a whole. */
  readonly failure?: string | undefined
  /** Undefined in reports of earlier releases. */
  readonly scenarios?: readonly ScenarioRow[] | undefined
  readonly total: SeriesRow
  readonly series: readonly SeriesRow[]
  readonly failureRows: readonly FailureRow[]
  /** Errors of scenarios, by code. */
  readonly errors: readonly (readonly [string, number])[]
  readonly counters: readonly (readonly [string, number])[]
  /** Events that engines, plugins and scripts emit as rates: how many a second, averaged over the time under load. */
  readonly rates: readonly (readonly [string, number])[]
  readonly histograms: readonly (readonly [string, Quantiles])[]
  readonly bounds: readonly BoundResult[]
  readonly workers: readonly WorkerShare[]
  readonly events: readonly RunEvent[]
  readonly timeline: readonly TimelinePoint[]
}

/** One line of the history. */
export type RunListing = Pick<
  RunReport,
  | 'id'
  | 'state'
  | 'script'
  | 'target'
  | 'model'
  | 'startedMs'
  | 'endedMs'
  | 'durationSeconds'
  | 'requests'
  | 'failures'
  | 'achievedRate'
  | 'ok'
  | 'verdict'
  | 'generatorBound'
> &
  Pick<Quantiles, 'p50' | 'p95' | 'p99'>
