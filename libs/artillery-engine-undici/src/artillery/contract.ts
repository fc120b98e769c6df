/**
 * What Artillery 2 passes to an engine and expects of it. Nothing here is imported from Artillery: this is its
 * extension contract.
 */

/** State of one virtual user. Scripts see `vars`; keys that begin with `_` belong to the engine. */
export interface VirtualUserContext {
  vars: Record<string, unknown>
  funcs?: Record<string, (...values: unknown[]) => unknown>
  _successCount?: number
  _defaultStrictCapture?: boolean
  [key: string]: unknown
}

/** Called when a step, a hook or a scenario has ended; an error ends the scenario. */
export type Done = (error?: unknown, context?: VirtualUserContext) => void

/** One compiled step of a flow. */
export type Step = (context: VirtualUserContext, done: Done) => void

/** The emitter that carries counters, rates, histograms and errors to Artillery's metrics. */
export interface ArtilleryEvents {
  emit(event: string, ...values: unknown[]): unknown
}

/** A compiled scenario. With `done` it calls that at its end; without, it returns a promise of the final context. */
export type Scenario = (context: VirtualUserContext, done?: Done) => Promise<VirtualUserContext> | undefined

/** A function of the script's processor: takes a callback as its last argument, or is async. */
export type ProcessorFunction = (...values: unknown[]) => unknown

/** A response as captures see it. */
export interface CapturableResponse {
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** What Artillery found for the `capture` and `match` settings of a request. */
export interface CaptureResult {
  captures: Record<string, { value?: unknown; failed?: boolean }>
  matches: Record<
    string,
    { success?: boolean; expected?: unknown; got?: unknown; expression?: string; strict?: boolean }
  >
}

/** The third argument of an engine's constructor. */
export interface EngineHelpers {
  template(value: unknown, context: VirtualUserContext, inPlace?: boolean): unknown
  createParallel(steps: Step[], options: { limitValue?: unknown }): Step
  captureOrMatch(
    params: object,
    response: CapturableResponse,
    context: VirtualUserContext,
    done: (error: unknown, result: CaptureResult | null) => void,
  ): void
}

/** A script as Artillery passes it to an engine: its `config`, and everything else at its top level. */
export interface EngineScript {
  config: Record<string, unknown>
  [key: string]: unknown
}

/** A scenario as the script has it. */
export interface ScenarioSpec {
  name?: string
  flow: Record<string, unknown>[]
  [key: string]: unknown
}
