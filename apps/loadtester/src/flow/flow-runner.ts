import { EventEmitter } from 'node:events'
import { type ArtilleryCore, loadArtilleryCore } from '../artillery/core.ts'
import type { CompiledScenario, FlowContext, FlowEngine } from '../artillery/engine-contract.ts'
import type { ScenarioSpec, ScriptDocument } from '../artillery/script-document.ts'
import type { UserFailure } from '../results/tally.ts'
import type { HookVariables } from '../script/hooks.ts'
import { asRecord } from '../script/plain-object.ts'
import type { LoadScript } from '../script/script.ts'
import { templateFunctions } from '../script/template-functions.ts'
import { createEngines, type EngineOptions, engineNameOf } from './engines.ts'
import { errorCodeOf, isNetworkError, tracebackOf } from './error-code.ts'
import { createFlowContext, scriptVariables } from './flow-context.ts'
import { GATE_FUNCTION, gateFlow } from './flow-gate.ts'
import { BEFORE_REQUEST_HOOK, HttpEngineObserver } from './http-engine-observer.ts'
import { loadScriptPlugins } from './plugins.ts'
import { type RequestEnd, type RequestListener, type RequestStart, STOPPED_CODE } from './request-events.ts'
import { createScenarioPicker } from './scenario-picker.ts'
import { observedUndiciOptions } from './undici-engine-observer.ts'

/** Notified of what virtual users do. */
export interface FlowListener extends RequestListener {
  userStarted(scenario: string): void
  /** @param failure undefined if its scenario ended without an error. */
  userEnded(scenario: string, durationMs: number, failure: UserFailure | undefined): void
  /** A virtual user's first request ended, so long after the user was due. */
  firstRequestEnded(sinceDueMs: number): void
  /** A custom metric of an engine, a plugin or a script's function. */
  counter(name: string, value: number): void
  rate(name: string): void
  histogram(name: string, value: number): void
  /** An error of a scenario. */
  error(code: string): void
}

export interface FlowRunnerOptions extends Partial<EngineOptions> {
  readonly testId?: string
  /** Variables that the script's `before` flow set; every virtual user gets them. */
  readonly variables?: HookVariables | undefined
}

class StoppedError extends Error {
  readonly code = STOPPED_CODE
}

const due = Symbol('due')
const requestFailed = Symbol('requestFailed')

type User = object & {
  [due]?: number | undefined
  /** Whether its last request failed. */
  [requestFailed]?: boolean
}

/** Metrics of the engines that the load tester counts itself. */
const OWN_HTTP_METRICS =
  /^http\.(requests|responses|request_rate|downloaded_bytes|time_to_first_byte|(codes|response_time)(\..*)?)$/

/** Runs virtual users through a script's scenarios on Artillery's engines. The caller decides when they start. */
export class FlowRunner {
  readonly #core: ArtilleryCore
  readonly #document: ScriptDocument
  readonly #listener: FlowListener
  readonly #observer: HttpEngineObserver
  readonly #scenarioEvents: EventEmitter
  readonly #options: FlowRunnerOptions
  readonly #scenarios: {
    readonly name: string
    readonly spec: ScenarioSpec
    readonly run: CompiledScenario
    /** Virtual users that run it. */
    active: number
  }[] = []
  readonly #pick: () => number
  #engines: readonly FlowEngine[] = []
  #active = 0
  #nextRow = 0
  #stopped = false

  /**
   * Loads the plugins and engines, and compiles the scenarios.
   *
   * @throws ScriptError for an engine, a plugin or a scenario that can't be used.
   */
  static async create(
    script: LoadScript,
    listener: FlowListener,
    options: FlowRunnerOptions = {},
  ): Promise<FlowRunner> {
    const runner = new FlowRunner(await loadArtilleryCore(), script, listener, options)
    await runner.#prepare(script)
    return runner
  }

  private constructor(core: ArtilleryCore, script: LoadScript, listener: FlowListener, options: FlowRunnerOptions) {
    this.#core = core
    this.#document = core.prepareScript(script.document, script.document.config.payload ?? undefined)
    this.#listener = listener
    this.#options = options
    const vars = scriptVariables(this.#document, 0)
    this.#pick = createScenarioPicker(
      this.#document.scenarios.map(({ weight }) =>
        core.engineUtil.template(weight, { vars, funcs: templateFunctions() }),
      ),
    )
    this.#scenarioEvents = forwardScenarioEvents(listener)
    const { config } = this.#document
    const hasOwnTracing = setsOwnTraceparent(config.http?.distributedTracing)
    const requests: RequestListener = {
      requestTrace: (start) => (hasOwnTracing ? undefined : listener.requestTrace(start)),
      requestSent: (start) => listener.requestSent(start),
      requestEnded: (start, end, user) => this.#requestEnded(start, end, user),
    }
    this.#observer = new HttpEngineObserver(this.#scenarioEvents, requests, script.target)
    config.engines = { ...config.engines, undici: observedUndiciOptions(config.engines?.undici, requests) }
    config.processor = {
      ...asRecord(config.processor),
      [GATE_FUNCTION]: this.#gate,
      [BEFORE_REQUEST_HOOK]: this.#observer.hook,
    }
  }

  async #prepare({ path }: LoadScript): Promise<void> {
    const { httpEngine = 'undici', allowedOrigins } = this.#options
    const document = this.#document
    await loadScriptPlugins(this.#core, document, path)
    for (const scenario of document.scenarios) {
      const engine = engineNameOf(document, scenario, httpEngine)
      if (engine !== 'undici') scenario.flow = gateFlow(scenario.flow)
      if (engine === 'http') scenario.beforeRequest = [BEFORE_REQUEST_HOOK, scenario.beforeRequest ?? []].flat()
    }
    const events = new EventEmitter()
    const engines = await createEngines(this.#core, document, { scriptPath: path, events, httpEngine, allowedOrigins })
    this.#engines = [...engines.values()]
    for (const [index, spec] of document.scenarios.entries()) {
      const run = engines.get(engineNameOf(document, spec, httpEngine))?.createScenario(spec, this.#scenarioEvents)
      if (run !== undefined) this.#scenarios.push({ name: spec.name ?? String(index), spec, run, active: 0 })
    }
  }

  /** Virtual users that are running. */
  get active(): number {
    return this.#active
  }

  /** The same by scenario, without those that none run. */
  get activeByScenario(): (readonly [string, number])[] {
    return this.#scenarios.flatMap(({ name, active }) => (active === 0 ? [] : [[name, active] as const]))
  }

  /**
   * Starts one virtual user.
   *
   * @param lagMs how long ago it was due.
   * @param onEnd called when its scenario is over, with the error that ended it.
   * @param row number of its row in payloads that are read in sequence; default: the one after the last user's.
   */
  start(lagMs = 0, onEnd?: (error: unknown) => void, row = this.#nextRow): void {
    const scenario = this.#scenarios[this.#pick()]
    if (scenario === undefined || this.#stopped) return
    const startedAt = performance.now()
    const { testId = 'run', variables } = this.#options
    this.#nextRow = row + 1
    const context: FlowContext & User = createFlowContext(this.#core, this.#document, scenario.spec, {
      ...{ testId, row, variables },
    })
    context[due] = startedAt - lagMs
    context[requestFailed] = false
    this.#active++
    scenario.active++
    this.#listener.userStarted(scenario.name)
    let ended = false
    const end = (error: unknown): void => {
      if (ended) return
      ended = true
      this.#active--
      scenario.active--
      const failed = error !== null && error !== undefined
      const reason = failed ? errorCodeOf(error) : undefined
      this.#observer.userEnded(context, reason)
      const byRequest = context[requestFailed] === true || isNetworkError(error)
      const failure = reason === undefined ? undefined : { reason, byRequest, traceback: tracebackOf(error) }
      this.#listener.userEnded(scenario.name, performance.now() - startedAt, failure)
      onEnd?.(failed ? error : undefined)
    }
    try {
      const running: unknown = scenario.run(context, end)
      if (running instanceof Promise) running.catch(end)
    } catch (error) {
      end(error)
    }
  }

  /** Starts no further virtual users, and keeps those that run from sending further requests. */
  stop(): void {
    this.#stopped = true
    for (const engine of this.#engines) engine.stop?.()
  }

  // Engines tell callback style from async style by the function's constructor name, so this must not become async.
  readonly #gate = (_context: unknown, _events: unknown, next: (error?: Error) => void): void => {
    if (this.#stopped) next(new StoppedError('the run was stopped'))
    else next()
  }

  #requestEnded(start: RequestStart, end: RequestEnd, user: User | undefined): void {
    this.#listener.requestEnded(start, end, user)
    if (user !== undefined) user[requestFailed] = end.error !== undefined
    const dueAt = user?.[due]
    if (user === undefined || dueAt === undefined) return
    user[due] = undefined
    this.#listener.firstRequestEnded(performance.now() - dueAt)
  }
}

/** An emitter for scenarios whose custom metrics and errors reach the listener. */
function forwardScenarioEvents(listener: FlowListener): EventEmitter {
  const histogram = (name: string, value: number): void => {
    if (!OWN_HTTP_METRICS.test(name)) listener.histogram(String(name), Number(value))
  }
  return new EventEmitter()
    .on('counter', (name: string, value: number) => {
      if (!OWN_HTTP_METRICS.test(name)) listener.counter(String(name), Number(value))
    })
    .on('rate', (name: string) => {
      if (!OWN_HTTP_METRICS.test(name)) listener.rate(String(name))
    })
    .on('histogram', histogram)
    .on('summary', histogram)
    .on('customStat', (stat: { stat: string; value: number }) => histogram(stat.stat, stat.value))
    .on('error', (code: unknown) => {
      if (code !== STOPPED_CODE) listener.error(errorCodeOf(code))
    })
}

/** Whether the script itself says which `traceparent` its requests carry, or that they carry none. */
function setsOwnTraceparent(distributedTracing: unknown): boolean {
  if (typeof distributedTracing !== 'object' || distributedTracing === null) return distributedTracing === false
  return Object.entries(distributedTracing).some(([name, value]) => !(name === 'enabled' && value === true))
}
