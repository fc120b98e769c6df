import type { EngineOptions } from '../flow/engines.ts'
import type { Setpoint } from '../protocol/setpoint.ts'
import type { Tally } from '../results/tally.ts'
import type { HookVariables, ScriptHook } from '../script/hooks.ts'
import type { ScriptSettings } from '../script/script-settings.ts'
import type { SpanDeltas } from './span-deltas.ts'

/** Options of an engine thread. */
export interface EngineThreadOptions extends EngineOptions {
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
  /** What the run changes in the script. */
  readonly settings: ScriptSettings | undefined
  /** Variables that the script's `before` flow set. */
  readonly variables: HookVariables | undefined
}

/** What the process sends to its engine thread. */
export type EngineCommand =
  | ({ readonly type: 'prepare' } & EngineScript)
  /** Runs a flow of the script once, instead of a load. */
  | ({ readonly type: 'hook'; readonly hook: ScriptHook } & EngineScript)
  | { readonly type: 'setpoint'; readonly setpoint: Setpoint }
  /** `sentMs`, on the local clock: when the ping left that the master has answered. */
  | { readonly type: 'clock'; readonly offsetMs: number; readonly sentMs?: number | undefined }
  /** Nothing that is due at `startMs` or later starts until the next setpoint, or `unfence`. */
  | { readonly type: 'fence'; readonly number: number; readonly startMs: number }
  | { readonly type: 'unfence' }
  /** Nothing starts until the next setpoint, or `goOn`: others may have this worker's share. */
  | { readonly type: 'wait' }
  | { readonly type: 'goOn' }
  /** Virtual users may go on for `drainMs`; after that, requests in flight may end for `graceMs`. */
  | { readonly type: 'stop'; readonly graceMs: number; readonly drainMs: number }

/** What an engine counted since its last report. */
export interface EngineReport<TallyForm = Tally> {
  readonly type: 'report'
  /** This is the last report; the thread ends. */
  readonly final: boolean
  readonly epoch: number
  readonly windowMs: number
  readonly untilMs: number
  readonly tally: TallyForm
  readonly users: number
  /** Virtual users that run, by scenario. */
  readonly scenarios: readonly (readonly [string, number])[]
  readonly inFlight: number
  readonly utilization: number
}

/** What an engine thread sends to its process, where its tallies arrive encoded. */
export type EngineEvent<TallyForm = Tally> =
  | EngineReport<TallyForm>
  | { readonly type: 'online' }
  /** The thread was suspended for so long that others may have its share; it waits for a message from the master. */
  | { readonly type: 'suspended' }
  /** Nothing that is due at `untilMs` or later starts. */
  | { readonly type: 'fenced'; readonly number: number; readonly untilMs: number }
  | { readonly type: 'prepared'; readonly runId: string }
  | { readonly type: 'hookEnded'; readonly variables: HookVariables }
  | { readonly type: 'failed'; readonly message: string; readonly field: string | undefined }
  | { readonly type: 'spans'; readonly deltas: SpanDeltas }
