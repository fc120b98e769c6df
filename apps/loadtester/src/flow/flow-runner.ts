import { EventEmitter } from 'node:events'
import { type ArtilleryCore, loadArtilleryCore } from '../artillery/core.ts'
import type { CompiledScenario, FlowEngine, ScenarioSpec, ScriptDocument } from '../artillery/types.ts'
import type { LoadScript } from '../script/script.ts'
import { createEngines, type EngineOptions, engineNameOf } from './engines.ts'
import { createFlowContext } from './flow-context.ts'
import { gateFlow, gateFunction } from './flow-gate.ts'
import { beforeRequestHook, HttpEngineObserver } from './http-engine-observer.ts'
import { loadScriptPlugins } from './plugins.ts'
import { type RequestEnd, type RequestListener, type RequestStart, stoppedCodes } from './request-listener.ts'
import { createScenarioPicker } from './scenario-picker.ts'
import type { HookVariables } from './script-hook.ts'
import { observedUndiciOptions } from './undici-engine-observer.ts'

/** Is told what virtual users do. */
export interface FlowListener extends RequestListener {
  userStarted(scenario: string): void
  userEnded(scenario: string, durationMs: number, error: string | undefined): void
  /** The first request of a virtual user ended so long after the user was due. */
  firstRequestEnded(sinceDueMs: number): void
  /** A counter, histogram or rate that an engine, a plugin or a script's function emits under a name of its own. */
  counter(name: string, value: number): void
  histogram(name: string, value: number): void
  /** A scenario's error, by its code or message. */
  error(code: string): void
}

/** How a flow is run. */
export interface FlowRunnerOptions extends Partial<EngineOptions> {
  readonly testId?: string
  /** What the script's `before` flow left: every virtual user has it. */
  readonly variables?: HookVariables | undefined
}

class StoppedError extends Error {
  readonly code = 'ERR_STOPPED'
}

const due = Symbol('due')

/** What the engines report of requests under names that the load tester counts itself. */
const ownHttpMetrics =
  /^http\.(requests|responses|request_rate|downloaded_bytes|time_to_first_byte|(codes|response_time)(\..*)?)$/

/** Runs virtual users through a script's scenarios on Artillery's engines. When they begin is up to the caller. */
export class FlowRunner {
  readonly #core: ArtilleryCore
  readonly #document: ScriptDocument
  readonly #listener: FlowListener
  readonly #testId: string
  readonly #scenarios: { readonly name: string; readonly spec: ScenarioSpec; readonly run: CompiledScenario }[] = []
  readonly #pick: () => number
  #engines: FlowEngine[] = []
  #observer: HttpEngineObserver | undefined
  readonly #variables: HookVariables
  #active = 0
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
    const core = await loadArtilleryCore()
    const httpEngine = options.httpEngine ?? 'undici'
    const document = core.prepareScript(script.document, script.document.config.payload ?? undefined)
    const runner = new FlowRunner(core, document, listener, options)
    const tracesItself = hasOwnTracing(document.config.http?.distributedTracing)
    const scenarioEvents = runner.#scenarioEvents()
    const observed: RequestListener = {
      requestTrace: (start) => (tracesItself ? undefined : listener.requestTrace(start)),
      requestSent: (start) => listener.requestSent(start),
      requestEnded: (start, end, user) => runner.#requestEnded(start, end, user),
    }
    const observer = new HttpEngineObserver(scenarioEvents, observed, script.target)
    runner.#observer = observer
    const { config } = document
    const processor = config.processor as Record<string, unknown> | undefined
    config.processor = { ...processor, [gateFunction]: runner.#gate, [beforeRequestHook]: observer.hook }
    config.engines = { ...config.engines, undici: observedUndiciOptions(config.engines?.undici, observed) }
    await loadScriptPlugins(core, document, script.path)
    for (const scenario of document.scenarios) {
      const engine = engineNameOf(document, scenario, httpEngine)
      if (engine !== 'undici') scenario.flow = gateFlow(scenario.flow)
      if (engine === 'http') scenario.beforeRequest = [beforeRequestHook, scenario.beforeRequest ?? []].flat()
    }
    const engines = await createEngines(core, document, {
      scriptPath: script.path,
      events: new EventEmitter(),
      httpEngine,
      allowedOrigins: options.allowedOrigins,
    })
    runner.#engines = [...engines.values()]
    for (const [index, spec] of document.scenarios.entries()) {
      const engine = engines.get(engineNameOf(document, spec, httpEngine))
      if (engine === undefined) continue
      runner.#scenarios.push({
        name: spec.name ?? String(index),
        spec,
        run: engine.createScenario(spec, scenarioEvents),
      })
    }
    return runner
  }

  private constructor(
    core: ArtilleryCore,
    document: ScriptDocument,
    listener: FlowListener,
    options: FlowRunnerOptions,
  ) {
    this.#core = core
    this.#document = document
    this.#listener = listener
    this.#testId = options.testId ?? 'run'
    this.#variables = options.variables ?? {}
    this.#pick = createScenarioPicker(document.scenarios.map((scenario) => scenario.weight))
  }

  /** Virtual users that have begun and not ended. */
  get active(): number {
    return this.#active
  }

  /**
   * Begins one virtual user.
   *
   * @param lagMs how long ago it was due.
   * @param onEnd called when its flow is over, with the error that ended it early.
   */
  start(lagMs = 0, onEnd?: (error: unknown) => void): void {
    const scenario = this.#scenarios[this.#pick()]
    if (scenario === undefined || this.#stopped) return
    const startedAt = performance.now()
    const context = createFlowContext(this.#core, this.#document, scenario.spec, this.#testId)
    Object.assign(context.vars, this.#variables)
    Object.assign(context, { [due]: startedAt - lagMs })
    this.#active++
    this.#listener.userStarted(scenario.name)
    let ended = false
    const end = (error: unknown): void => {
      if (ended) return
      ended = true
      this.#active--
      const failed = error !== null && error !== undefined
      this.#observer?.userEnded(context, failed ? codeOf(error) : undefined)
      this.#listener.userEnded(scenario.name, performance.now() - startedAt, failed ? codeOf(error) : undefined)
      onEnd?.(failed ? error : undefined)
    }
    try {
      const running: unknown = scenario.run(context, end)
      if (running instanceof Promise) running.catch(end)
    } catch (error) {
      end(error)
    }
  }

  /** Lets no virtual user begin, and none of those running send another request. */
  stop(): void {
    this.#stopped = true
    for (const engine of this.#engines) engine.stop?.()
  }

  // No arrow function could be async by mistake here: engines tell callback style from async style by the constructor's name.
  readonly #gate = (_context: unknown, _events: unknown, next: (error?: Error) => void): void => {
    if (this.#stopped) next(new StoppedError('the run was stopped'))
    else next()
  }

  #requestEnded(
    start: RequestStart,
    end: RequestEnd,
    user: (object & { [due]?: number | undefined }) | undefined,
  ): void {
    this.#listener.requestEnded(start, end, user)
    const dueAt = user?.[due]
    if (user === undefined || dueAt === undefined) return
    user[due] = undefined
    this.#listener.firstRequestEnded(performance.now() - dueAt)
  }

  #scenarioEvents(): EventEmitter {
    const events = new EventEmitter()
    const listener = this.#listener
    const histogram = (name: string, value: number): void => {
      if (!ownHttpMetrics.test(name)) listener.histogram(String(name), Number(value))
    }
    events.on('counter', (name: string, value: number) => {
      if (!ownHttpMetrics.test(name)) listener.counter(String(name), Number(value))
    })
    events.on('histogram', histogram)
    events.on('summary', histogram)
    events.on('customStat', (stat: { stat: string; value: number }) => histogram(stat.stat, stat.value))
    events.on('error', (code: unknown) => {
      if (!stoppedCodes.includes(String(code))) listener.error(String(code))
    })
    return events
  }
}

/** The script says itself which `traceparent` its requests carry, or that they carry none. */
function hasOwnTracing(distributedTracing: unknown): boolean {
  if (typeof distributedTracing !== 'object' || distributedTracing === null) return distributedTracing === false
  return Object.entries(distributedTracing).some(([name, value]) => !(name === 'enabled' && value === true))
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const { code, message } = error as { code?: unknown; message?: unknown }
  return typeof code === 'string' ? code : typeof message === 'string' ? message : String(error)
}
