/** Every shape that the master's REST interface gives to its UI. */

/** Open: virtual users arrive at a rate, however long each takes. Closed: a number of users, each beginning again when it ends. */
export type LoadModel = 'open' | 'closed'

/** The quantiles of a distribution, in its own unit; all of them 0 where nothing was measured. */
export interface Quantiles {
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly max: number
  readonly p50: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
  readonly p999: number
}

/** One second of a run, for charts. */
export interface TimelinePoint {
  /** Start of the second on the fleet's clock, in ms. */
  readonly atMs: number
  /** Requests that ended in it, and those of them that failed. */
  readonly requests: number
  readonly failures: number
  readonly arrivals: number
  /** Virtual users at its end. */
  readonly users: number
  /** What was asked for: arrivals a second, or users. */
  readonly target: number
  /** Service times in ms. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly mean: number
  /** How late arrivals began, in ms. */
  readonly lagP99: number
  /** The busiest engine's share of busy time, 0 to 1. */
  readonly utilization: number
  /** The generator, not the target, may have been the bottleneck. */
  readonly generatorBound: boolean
}

/** A bound that a run has to keep, from the script's `ensure`. */
export interface Bound {
  /** As it stands in the script. */
  readonly text: string
  readonly metric: string
  readonly comparison: '<' | '<=' | '>' | '>=' | '==' | '!='
  readonly limit: number
  /** A missed bound makes the run fail. */
  readonly strict: boolean
}

/** A bound and how the run stands to it. */
export interface BoundResult extends Bound {
  /** Undefined where nothing was measured yet. */
  readonly value: number | undefined
  readonly ok: boolean
}

/** One row of the statistics table. */
export interface SeriesRow {
  readonly method: string
  readonly name: string
  readonly requests: number
  readonly failures: number
  readonly bytes: number
  /** Ended requests a second over the run so far. */
  readonly rate: number
  readonly failureRate: number
  readonly latencyMs: Quantiles
  readonly firstByteMs: Quantiles
  readonly statuses: readonly (readonly [string, number])[]
}

export interface FailureRow {
  readonly method: string
  readonly name: string
  readonly error: string
  readonly count: number
}

/** Something that happened in a run, for people. */
export interface RunEvent {
  readonly atMs: number
  readonly text: string
}

export type RunState = 'preparing' | 'running' | 'paused' | 'stopping' | 'finished' | 'failed'

/** All that is known of a run, as plain data: what the UI shows, what is kept on disk, what reports are made of. */
export interface RunReport {
  readonly id: string
  readonly state: RunState
  readonly script: string
  readonly digest: string
  readonly target: string
  readonly model: LoadModel
  /** Times in ms since the epoch; end undefined while it runs. */
  readonly startedMs: number
  readonly endedMs: number | undefined
  readonly durationSeconds: number
  /** What is asked for now: arrivals a second, or users. */
  readonly level: number
  readonly requests: number
  readonly failures: number
  readonly arrivals: number
  readonly skipped: number
  readonly unaccounted: number
  readonly unfinished: number
  /** Arrivals a second over the time in which there was a load. */
  readonly achievedRate: number
  readonly latencyMs: Quantiles
  /** From the time an arrival was due to the end of its first request. */
  readonly intendedLatencyMs: Quantiles
  readonly lagMs: Quantiles
  readonly generatorBound: boolean
  readonly ok: boolean
  /** Why the run failed as a whole, where it did. */
  readonly failure?: string | undefined
  readonly total: SeriesRow
  readonly series: readonly SeriesRow[]
  readonly failureRows: readonly FailureRow[]
  /** Errors of scenarios, by code. */
  readonly errors: readonly (readonly [string, number])[]
  readonly counters: readonly (readonly [string, number])[]
  readonly histograms: readonly (readonly [string, Quantiles])[]
  readonly bounds: readonly BoundResult[]
  readonly workers: readonly { readonly name: string; readonly requests: number; readonly arrivals: number }[]
  readonly events: readonly RunEvent[]
  readonly timeline: readonly TimelinePoint[]
}

/** A worker, as the UI shows it. */
export interface WorkerView {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly message: string | undefined
  readonly weight: number
  readonly version: string
  readonly users: number
  readonly inFlight: number
  readonly utilization: number
  readonly cpuCores: number
  readonly memoryBytes: number
  readonly lagP99: number
}

/** What `GET /api/state` answers. */
export interface StateView {
  readonly version: string
  readonly nowMs: number
  /** The run that is on, or was last; its timeline only holds what is newer than asked for. */
  readonly run: RunReport | undefined
  readonly workers: readonly WorkerView[]
  readonly scripts: readonly string[]
  readonly defaultScript: string
  readonly targets: readonly string[]
}

/** A line of the history. */
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
  | 'generatorBound'
> & { readonly p50: number; readonly p95: number; readonly p99: number }
