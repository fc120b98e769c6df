import { EventEmitter } from 'node:events'
import { type ArtilleryCore, loadArtilleryCore } from './core.ts'
import { createEngines, engineNameOf } from './engines.ts'
import { createFlowContext } from './flow-context.ts'
import { gateFlow, gateFunction } from './flow-gate.ts'
import type { CompiledScenario, ScenarioSpec, ScriptDocument } from './flow-types.ts'
import { beforeRequestHook, observeHttpEngine, type RequestListener } from './http-requests.ts'
import { createScenarioPicker } from './scenario-picker.ts'
import type { LoadScript } from './script.ts'

/** Is told what virtual users do. */
export interface FlowListener<Handle> extends RequestListener<Handle> {
  userStarted(scenario: string): void
  userEnded(scenario: string, durationMs: number, error: string | undefined): void
  /** A counter, histogram or rate that an engine, a plugin or a script's function emits under a name of its own. */
  counter(name: string, value: number): void
  histogram(name: string, value: number): void
  /** A scenario's error, by its code or message. */
  error(code: string): void
}

/** How a flow is run. */
export interface FlowRunnerOptions {
  /** Only the scenario of this name; default: all of them, picked by weight. */
  readonly scenarioName?: string | undefined
  readonly testId?: string
}

class StoppedError extends Error {
  readonly code = 'STOPPED'
}

/** Runs virtual users through a script's scenarios on Artillery's engines. When they begin is up to the caller. */
export class FlowRunner {
  readonly #core: ArtilleryCore
  readonly #document: ScriptDocument
  readonly #listener: FlowListener<unknown>
  readonly #testId: string
  readonly #scenarios: { readonly name: string; readonly spec: ScenarioSpec; readonly run: CompiledScenario }[] = []
  readonly #pick: () => number
  #active = 0
  #stopped = false

  /**
   * Loads the engines and compiles the scenarios.
   *
   * @throws ScriptError for an engine or a scenario that can't be used.
   */
  static async create<Handle>(
    script: LoadScript,
    listener: FlowListener<Handle>,
    options: FlowRunnerOptions = {},
  ): Promise<FlowRunner> {
    const core = await loadArtilleryCore()
    const document = core.prepareScript(script.document, script.document.config.payload ?? undefined)
    if (options.scenarioName !== undefined) {
      const chosen = document.scenarios.filter((scenario) => scenario.name === options.scenarioName)
      if (chosen.length > 0) document.scenarios = chosen
    }
    const events = new EventEmitter()
    const runner = new FlowRunner(core, document, listener as FlowListener<unknown>, options.testId ?? 'run')
    const scenarioEvents = runner.#scenarioEvents()
    const hook = observeHttpEngine(scenarioEvents, listener, { target: script.target })
    const processor = document.config.processor as Record<string, unknown> | undefined
    document.config.processor = { ...processor, [gateFunction]: runner.#gate, [beforeRequestHook]: hook }
    for (const scenario of document.scenarios) {
      scenario.flow = gateFlow(scenario.flow)
      if (engineNameOf(document, scenario) === 'http')
        scenario.beforeRequest = [beforeRequestHook, scenario.beforeRequest ?? []].flat()
    }
    const engines = await createEngines(core, document, script.path, events)
    for (const [index, spec] of document.scenarios.entries()) {
      const engine = engines.get(engineNameOf(document, spec))
      if (engine === undefined) continue
      runner.#scenarios.push({
        name: spec.name ?? String(index),
        spec,
        run: engine.createScenario(spec, scenarioEvents),
      })
    }
    return runner
  }

  private constructor(core: ArtilleryCore, document: ScriptDocument, listener: FlowListener<unknown>, testId: string) {
    this.#core = core
    this.#document = document
    this.#listener = listener
    this.#testId = testId
    this.#pick = createScenarioPicker(document.scenarios.map((scenario) => scenario.weight))
  }

  /** Virtual users that have begun and not ended. */
  get active(): number {
    return this.#active
  }

  /** Begins one virtual user; `onEnd` is called when its flow is over, with the error that ended it early. */
  start(onEnd?: (error: unknown) => void): void {
    const scenario = this.#scenarios[this.#pick()]
    if (scenario === undefined || this.#stopped) return
    const startedAt = performance.now()
    this.#active++
    this.#listener.userStarted(scenario.name)
    let ended = false
    const end = (error: unknown): void => {
      if (ended) return
      ended = true
      this.#active--
      this.#listener.userEnded(
        scenario.name,
        performance.now() - startedAt,
        error === null || error === undefined ? undefined : codeOf(error),
      )
      onEnd?.(error ?? undefined)
    }
    try {
      const running: unknown = scenario.run(
        createFlowContext(this.#core, this.#document, scenario.spec, this.#testId),
        end,
      )
      if (running instanceof Promise) running.catch(end)
    } catch (error) {
      end(error)
    }
  }

  /** Lets no virtual user begin, and none of those running send another request. */
  stop(): void {
    this.#stopped = true
  }

  // A function expression: engines tell callback style from async style by the constructor's name.
  readonly #gate = (_context: unknown, _events: unknown, next: (error?: Error) => void): void => {
    if (this.#stopped) next(new StoppedError('the run was stopped'))
    else next()
  }

  #scenarioEvents(): EventEmitter {
    const events = new EventEmitter()
    events.on('counter', (name: string, value: number) => this.#listener.counter(String(name), Number(value)))
    events.on('histogram', (name: string, value: number) => this.#listener.histogram(String(name), Number(value)))
    events.on('summary', (name: string, value: number) => this.#listener.histogram(String(name), Number(value)))
    events.on('customStat', (stat: { stat: string; value: number }) =>
      this.#listener.histogram(String(stat.stat), Number(stat.value)),
    )
    events.on('error', (code: unknown) => {
      if (code !== 'STOPPED') this.#listener.error(String(code))
    })
    return events
  }
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const { code, message } = error as { code?: unknown; message?: unknown }
  return typeof code === 'string' ? code : typeof message === 'string' ? message : String(error)
}
