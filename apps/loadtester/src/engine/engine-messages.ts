import type { EngineOptions } from '../flow/engines.ts'
import type { HookVariables, ScriptHook } from '../flow/script-hook.ts'
import type { Setpoint } from '../protocol/messages.ts'
import type { TallyData } from '../results/tally-codec.ts'
import type { SpanDeltas } from './span-deltas.ts'

/** What an engine thread is started with. */
export interface EngineThreadData extends EngineOptions {
  readonly workerId: string
  readonly version: string
  readonly maximumSeries: number
}

/** The script that an engine thread reads, and the run it is for. */
export interface EngineScript {
  readonly runId: string
  readonly path: string
  readonly digest: string | undefined
  readonly target: string | undefined
  readonly environment: string | undefined
  /** What the script's `before` flow left. */
  readonly variables: HookVariables | undefined
}

/** What the process asks of its engine thread. */
export type EngineCommand =
  | ({ readonly type: 'prepare' } & EngineScript)
  /** Runs a flow of the script once, instead of a load. */
  | ({ readonly type: 'hook'; readonly hook: ScriptHook } & EngineScript)
  | { readonly type: 'setpoint'; readonly setpoint: Setpoint }
  | { readonly type: 'clock'; readonly offsetMs: number }
  | { readonly type: 'stop'; readonly graceMs: number }

/** What an engine thread tells its process. */
export type EngineEvent =
  | { readonly type: 'online' }
  | { readonly type: 'prepared'; readonly runId: string }
  | { readonly type: 'hookEnded'; readonly variables: HookVariables }
  | { readonly type: 'failed'; readonly message: string; readonly field: string | undefined }
  | { readonly type: 'spans'; readonly deltas: SpanDeltas }
  | {
      readonly type: 'report'
      /** The last report: the thread ends. */
      readonly final: boolean
      readonly epoch: number
      readonly windowMs: number
      readonly untilMs: number
      readonly tally: TallyData
      readonly users: number
      readonly inFlight: number
      readonly utilization: number
    }
