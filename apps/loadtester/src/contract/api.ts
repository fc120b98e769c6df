import type { RunListing, RunReport, RunState } from './run-report.ts'

/** The responses of the master's REST API, by method and path; any of them may be a {@link Problem} instead. */
export interface Answers {
  'GET /api/state': StateView
  'POST /api/run': RunStatus
  'PATCH /api/run': RunStatus
  'POST /api/run/pause': RunStatus
  'POST /api/run/resume': RunStatus
  'POST /api/run/stop': RunStatus
  'POST /api/run/reset': RunStatus
  'GET /api/runs': readonly RunListing[]
  'GET /api/runs/:id': RunReport
  'DELETE /api/runs/:id': undefined
  'GET /api/scripts': readonly string[]
  'GET /api/scripts/:name': string
  'GET /api/scripts/:name/choices': ScriptChoices
  'GET /api/log': readonly LogLine[]
}

/** Why a request was refused. */
export interface Problem {
  /** An `ERR_…` code. */
  readonly error: string
  readonly message: string
  /** The field at fault. */
  readonly field?: string | undefined
}

/** The load to generate, in place of the script's own phases. */
export interface LoadOverride {
  /** Arrivals a second (open model). */
  readonly rate?: number | undefined
  /** Concurrent users (closed model). */
  readonly users?: number | undefined
  /** Users to start each second until all of them run; default: all at once. */
  readonly spawnRate?: number | undefined
  /** Default: as long as the script says, else until the run is stopped. */
  readonly durationSeconds?: number | undefined
}

/** Body of `POST /api/run`. */
export interface StartRequest extends LoadOverride {
  /** Default: the configured script. */
  readonly script?: string | undefined
  /** Default: the configured target. */
  readonly target?: string | undefined
  readonly environment?: string | undefined
  /** The one scenario to run: its name, or a regular expression that only one name matches. */
  readonly scenario?: string | undefined
  /** Only scenarios that have one of these `tags`. */
  readonly tags?: readonly string[] | undefined
  /** No scenario that has one of these. */
  readonly excludeTags?: readonly string[] | undefined
  /** The percentiles of response times that statistics and reports have, such as 99.5; default: 50, 75, 90, 95, 99, 99.9. */
  readonly percentiles?: readonly number[] | undefined
  /** Merged into the script's `config.variables`. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined
}

/** Body of `PATCH /api/run`: the field of the run's model. */
export interface ChangeRequest {
  readonly rate?: number | undefined
  readonly users?: number | undefined
  /** How fast to move to the new level, a second; default: at once. */
  readonly spawnRate?: number | undefined
}

/** What a start may choose in a script. */
export interface ScriptChoices {
  /** Names of its scenarios; those without a name can't be chosen. */
  readonly scenarios: readonly string[]
  /** Tags of its scenarios. */
  readonly tags: readonly string[]
  /** Names of its `config.environments`. */
  readonly environments: readonly string[]
  /** Names of its `config.variables`; the values may come from the environment, and stay on the master. */
  readonly variables: readonly string[]
}

export interface RunStatus {
  readonly id: string
  readonly state: RunState
}

export interface StateView {
  readonly version: string
  readonly nowMs: number
  /** The live run, or the last one; its timeline holds only points newer than those the request named. */
  readonly run: RunReport | undefined
  readonly workers: readonly WorkerView[]
  readonly scripts: readonly string[]
  readonly defaultScript: string
  /** Targets that load may be sent to, the default first. */
  readonly targets: readonly string[]
}

export type WorkerState = 'idle' | 'preparing' | 'ready' | 'running' | 'stopping' | 'failed' | 'lost' | 'left'

export interface WorkerView {
  readonly id: string
  readonly name: string
  readonly state: WorkerState
  /** Why it is in this state. */
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

export interface LogLine {
  readonly atMs: number
  /** The worker that it came from; undefined for the master's own. */
  readonly worker?: string | undefined
  readonly text: string
}
