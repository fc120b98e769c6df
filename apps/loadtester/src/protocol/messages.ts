import type { Tally } from '../results/tally.ts'
import type { HookVariables, ScriptHook } from '../script/hooks.ts'
import type { ScriptReference } from '../script/script-reference.ts'
import type { Setpoint } from './setpoint.ts'

/** Version of the messages; master and workers must have the same one. */
export const PROTOCOL_VERSION = 6

export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024

/** Why a master that shuts down closes its connections. */
export const MASTER_ENDS = 'the master is shutting down'

/** How often master and worker send a heartbeat, and after how long a silence the other one counts as gone. */
export const HEARTBEAT_MS = 1000
export const SILENCE_MS = 3000

/** Gauges that come with every report. */
export interface WorkerGauges {
  readonly users: number
  readonly inFlight: number
  /** Share of time that the engine's event loop was busy, 0 to 1. */
  readonly utilization: number
  /** CPU cores that the worker's process used. */
  readonly cpuCores: number
  readonly memoryBytes: number
  /** Virtual users that run, by scenario. */
  readonly scenarios?: readonly (readonly [string, number])[] | undefined
}

export const NO_GAUGES: WorkerGauges = { users: 0, inFlight: 0, utilization: 0, cpuCores: 0, memoryBytes: 0 }

/** What a worker counted in part of one second. */
export interface Report {
  readonly runId: string
  /** Number of the report among those of this worker and run, from 1. */
  readonly sequence: number
  /** The epoch that the worker follows. */
  readonly epoch: number
  /** The second that the tally belongs to, on the fleet's clock: a multiple of 1000 ms. */
  readonly windowMs: number
  /** The time on the fleet's clock up to which everything is counted. */
  readonly untilMs: number
  readonly tally: Tally
  readonly gauges: WorkerGauges
}

/** Everything that a worker knows about a run, for a master that lost the connection or was restarted. */
export interface RunSnapshot {
  readonly runId: string
  readonly script: ScriptReference
  readonly setpoint: Setpoint
  readonly sequence: number
  /** The worker has stopped, because its lease ran out or its engine ended. */
  readonly ended: boolean
  readonly tally: Tally
  /** What no master has received yet, by second, oldest first. */
  readonly unsentWindows: readonly { readonly windowMs: number; readonly tally: Tally }[]
}

export interface Hello {
  readonly type: 'hello'
  readonly protocol: number
  readonly version: string
  readonly id: string
  readonly name: string
  /** CPU cores that the worker may use; its share of the load is proportional. */
  readonly weight: number
  /** Where its metrics are. */
  readonly metricsUrl?: string | undefined
  readonly snapshot?: RunSnapshot | undefined
}

export interface HookEnded {
  readonly type: 'hookEnded'
  readonly runId: string
  readonly hook: ScriptHook
  readonly variables: HookVariables
  /** What went wrong; undefined if nothing did. */
  readonly message?: string | undefined
}

export type WorkerMessage =
  | Hello
  | HookEnded
  | { readonly type: 'ping'; readonly sentMs: number }
  | { readonly type: 'prepared'; readonly runId: string }
  | {
      readonly type: 'failed'
      readonly runId: string
      readonly message: string
      readonly field?: string | undefined
      /** The engine ended abruptly: what it counted since its last report is not known. */
      readonly isCut?: boolean | undefined
    }
  | { readonly type: 'report'; readonly report: Report }
  | { readonly type: 'final'; readonly report: Report }
  /** It starts nothing that is due at `untilMs` or later, until a setpoint or the end of the fence. */
  | { readonly type: 'fenced'; readonly number: number; readonly untilMs: number }
  /** What the worker has logged, and what the script has printed. */
  | { readonly type: 'log'; readonly lines: readonly string[] }
  | { readonly type: 'leaving' }

export type MasterMessage =
  | { readonly type: 'welcome'; readonly protocol: number; readonly version: string; readonly leaseMs: number }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'pong'; readonly sentMs: number; readonly masterMs: number }
  | { readonly type: 'prepare'; readonly runId: string; readonly script: ScriptReference }
  | { readonly type: 'hook'; readonly runId: string; readonly hook: ScriptHook; readonly script: ScriptReference }
  | { readonly type: 'setpoint'; readonly setpoint: Setpoint }
  /** Asks to start nothing that is due at `startMs` or later; the setpoint is the newest that any worker has. */
  | { readonly type: 'fence'; readonly number: number; readonly startMs: number; readonly setpoint: Setpoint }
  | { readonly type: 'unfence'; readonly runId: string }
  /** A worker that is back still has its share. */
  | { readonly type: 'goOn'; readonly runId: string }
  | { readonly type: 'stop'; readonly runId: string }
  | { readonly type: 'reset'; readonly runId: string }
