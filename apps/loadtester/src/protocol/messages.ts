import type { HookVariables, ScriptHook } from '../flow/script-hook.ts'
import type { ArrivalMode, LoadSegment } from '../load/profile.ts'
import type { TallyData } from '../results/tally-codec.ts'
import type { LoadModel } from '../script/phases.ts'

/** Version of the messages; master and workers only work together where it is equal. */
export const protocolVersion = 3

/** The longest message that is taken, in bytes. */
export const maximumMessageBytes = 8 * 1024 * 1024

/** How often each side says that it is there, and after which silence it counts as gone. */
export const heartbeatMs = 1000
export const silenceMs = 3000

/** Which script a run uses. Its content never travels: every worker reads its own file of that name. */
export interface ScriptReference {
  readonly name: string
  /** SHA-256 of the script and its files, as the master reads them. */
  readonly digest: string
  readonly target: string
  readonly environment?: string | undefined
  /** The flows that one worker runs once for the whole run. */
  readonly hooks?: readonly ScriptHook[] | undefined
  /** What the `before` flow left: every virtual user has it. */
  readonly variables?: HookVariables | undefined
}

/** What all workers of a run do from a moment on. A later one has a higher epoch. */
export interface Setpoint {
  readonly runId: string
  readonly epoch: number
  readonly model: LoadModel
  /** Time 0 of the segments on the fleet's clock, in ms. */
  readonly startMs: number
  /** Open model: arrivals of the fleet that were due before. */
  readonly firstPosition: number
  /** The load from `startMs` on. An endless last segment has the duration null, since JSON knows no infinity. */
  readonly segments: readonly SegmentData[]
  /** In a pause: the load that is left, so that any master can resume it. */
  readonly paused?: readonly SegmentData[] | undefined
  /** The fleet: ids and weights of its workers in one order, and the users each has (closed model). */
  readonly workers: readonly { readonly id: string; readonly weight: number; readonly users: number }[]
  /** At most so many virtual users at once over the fleet, whatever the segments say. */
  readonly maximumUsers: number
}

export interface SegmentData {
  readonly durationSeconds: number | null
  readonly from: number
  readonly to: number
  readonly mode?: ArrivalMode | undefined
  readonly maximumUsers?: number | undefined
}

/** A worker's state, as people see it. */
export type WorkerState = 'idle' | 'preparing' | 'ready' | 'running' | 'stopping' | 'failed'

/** Gauges that come with every report. */
export interface WorkerGauges {
  readonly users: number
  readonly inFlight: number
  /** Share of time that the engine's event loop was busy, 0 to 1. */
  readonly utilization: number
  /** CPU cores that the worker's process used. */
  readonly cpuCores: number
  readonly memoryBytes: number
}

/** What a worker counted in part of one second. */
export interface Report {
  readonly runId: string
  /** Counts a worker's reports of one run from 1. */
  readonly sequence: number
  /** The epoch that the worker follows. */
  readonly epoch: number
  /** The second on the fleet's clock (ms, a multiple of 1000) that the tally belongs to. */
  readonly windowMs: number
  /** Up to when, on the fleet's clock, everything is counted. */
  readonly untilMs: number
  readonly tally: TallyData
  readonly gauges: WorkerGauges
}

/** All that a worker knows of a run, for a master that lost the connection, or all it knew. */
export interface RunSnapshot {
  readonly runId: string
  readonly script: ScriptReference
  readonly setpoint: Setpoint
  readonly sequence: number
  /** The worker stopped its load, since its lease ran out or its engine ended. */
  readonly ended: boolean
  readonly tally: TallyData
  /** The windows that no master has had, oldest first. */
  readonly unsentWindows: readonly { readonly windowMs: number; readonly tally: TallyData }[]
}

export type WorkerMessage =
  | {
      readonly type: 'hello'
      readonly protocol: number
      readonly version: string
      readonly id: string
      readonly name: string
      /** CPU cores that the worker may use; its share of the load is by this. */
      readonly weight: number
      /** Where its metrics are, for people. */
      readonly metricsUrl?: string | undefined
      readonly snapshot?: RunSnapshot | undefined
    }
  | { readonly type: 'ping'; readonly sentMs: number }
  | { readonly type: 'prepared'; readonly runId: string }
  | {
      readonly type: 'failed'
      readonly runId: string
      readonly message: string
      readonly field?: string | undefined
      /** The engine ended without a word: what it had counted since the last report is not known. */
      readonly isCut?: boolean | undefined
    }
  | { readonly type: 'report'; readonly report: Report }
  | { readonly type: 'final'; readonly report: Report }
  | {
      readonly type: 'hookEnded'
      readonly runId: string
      readonly hook: ScriptHook
      readonly variables: HookVariables
      /** What went wrong; undefined where nothing did. */
      readonly message?: string | undefined
    }
  | { readonly type: 'leaving' }

export type MasterMessage =
  | { readonly type: 'welcome'; readonly protocol: number; readonly version: string; readonly leaseMs: number }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'pong'; readonly sentMs: number; readonly masterMs: number }
  | { readonly type: 'prepare'; readonly runId: string; readonly script: ScriptReference }
  | { readonly type: 'hook'; readonly runId: string; readonly hook: ScriptHook; readonly script: ScriptReference }
  | { readonly type: 'setpoint'; readonly setpoint: Setpoint }
  | { readonly type: 'stop'; readonly runId: string }
  | { readonly type: 'reset'; readonly runId: string }

export function toSegmentData(segment: LoadSegment): SegmentData {
  const { durationSeconds } = segment
  return { ...segment, durationSeconds: Number.isFinite(durationSeconds) ? durationSeconds : null }
}

export function fromSegmentData(data: SegmentData): LoadSegment {
  return { ...data, durationSeconds: data.durationSeconds ?? Number.POSITIVE_INFINITY }
}
