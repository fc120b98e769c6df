import { METHODS } from 'node:http'
import { type EngineConfig, readConfig } from './artillery/config.ts'
import type {
  ArtilleryEvents,
  Done,
  EngineHelpers,
  EngineScript,
  Scenario,
  ScenarioSpec,
  Step,
  VirtualUserContext,
} from './artillery/contract.ts'
import { codeOf, EngineError, errorName, STOPPED } from './artillery/errors.ts'
import { recordConnection } from './artillery/metrics.ts'
import { callProcessor, type FindFunction, processorLookup } from './artillery/processor.ts'
import { isRecord, namesOf } from './artillery/record.ts'
import { debug } from './debug-log.ts'
import { createLoop } from './flow/loop.ts'
import { runSteps, type ShouldStop } from './flow/sequence.ts'
import { Thinking } from './flow/think.ts'
import type { ResolutionSettings } from './request/request-params.ts'
import { createRequestStep, type ScenarioHooks } from './request/request-step.ts'
import type { Exchange } from './response/exchange.ts'
import { Connections } from './session/connections.ts'
import { VirtualUser } from './session/virtual-user.ts'

/**
 * An Artillery engine for HTTP/1.1 and HTTP/2 on undici. It runs scripts of Artillery's own HTTP engine that name it in
 * `config.engine: undici` and `config.engines.undici: {}`.
 */
export class UndiciEngine {
  readonly #scriptConfig: Record<string, unknown>
  readonly #config: EngineConfig
  readonly #helpers: EngineHelpers
  readonly #find: FindFunction
  readonly #connections: Connections
  readonly #shouldStop: ShouldStop
  readonly #thinking = new Thinking()
  readonly #waiting = new Set<Exchange>()
  #events: ArtilleryEvents
  #stopped = false

  /**
   * @param script the script with its `config`; the processor is read at each call, everything else now
   * @param events receives metrics until `createScenario` is called with another emitter
   * @param helpers Artillery's `engine_util`
   * @throws EngineError ERR_CONFIG that names every setting that can't be used
   */
  constructor(script: EngineScript, events: ArtilleryEvents, helpers: EngineHelpers) {
    this.#scriptConfig = script.config
    this.#config = readConfig(script.config, process.env)
    this.#helpers = helpers
    this.#find = processorLookup(script.config)
    this.#events = events
    this.#connections = new Connections(
      this.#config,
      this.#config.extendedMetrics ? (timings) => recordConnection(this.#events, timings) : undefined,
    )
    this.#shouldStop = (context) => this.#stopped || VirtualUser.of(context).ended
  }

  /**
   * Compiles a scenario.
   *
   * @param events receives its metrics: `counter`, `rate`, `histogram`, `error`, `started`
   */
  createScenario(spec: ScenarioSpec, events: ArtilleryEvents): Scenario {
    this.#events = events
    const hooks: ScenarioHooks = {
      beforeRequest: namesOf(spec.beforeRequest),
      afterResponse: namesOf(spec.afterResponse),
      onError: namesOf(spec.onError),
    }
    const flow = [
      ...namesOf(spec.beforeScenario).map((name) => ({ function: name })),
      ...spec.flow,
      ...namesOf(spec.afterScenario).map((name) => ({ function: name })),
    ]
    const steps = flow.map((step) => this.#createStep(step, events, hooks))
    const run = (context: VirtualUserContext, done: Done): void => this.#run(steps, context, events, done)

    return (context, done) => {
      if (done !== undefined) {
        run(context, done)
        return undefined
      }
      return new Promise((resolve, reject) => {
        run(context, (error) => (error ? reject(error) : resolve(context)))
      })
    }
  }

  /**
   * Ends every virtual user with an `ERR_STOPPED` error that is not counted: after its current request, or at once if
   * it thinks or waits for a connection. No request is sent afterwards.
   */
  stop(): void {
    this.#stopped = true
    this.#thinking.cut()
    for (const exchange of [...this.#waiting]) exchange.onError(stopped())
  }

  /** Stops the engine and closes all connections at once: requests in flight fail with ECONNRESET. */
  async close(): Promise<void> {
    this.stop()
    await this.#connections.destroy()
  }

  #run(steps: readonly Step[], context: VirtualUserContext, events: ArtilleryEvents, done: Done): void {
    const user = new VirtualUser(this.#connections.forUser(), this.#config.cookieJarOptions)
    user.attach(context)
    context._successCount = 0
    context._defaultStrictCapture = this.#config.strictCapture
    events.emit('started')
    runSteps(steps, context, this.#shouldStop, (error) => {
      user.end()
      if (error) {
        debug('virtual user ended: %s', error)
        if (codeOf(error) !== STOPPED) events.emit('error', errorName(error))
        done(error, context)
      } else if (this.#stopped) {
        done(stopped(), context)
      } else {
        done(null, context)
      }
    })
  }

  #createStep(spec: Record<string, unknown>, events: ArtilleryEvents, hooks: ScenarioHooks): Step {
    const helpers = this.#helpers
    const compile = (steps: unknown): Step[] =>
      (Array.isArray(steps) ? steps.flat() : []).filter(isRecord).map((step) => this.#createStep(step, events, hooks))

    if (spec.loop) return createLoop(spec, compile(spec.loop), helpers.template, this.#find, this.#shouldStop)
    if (spec.parallel) return helpers.createParallel(compile(spec.parallel), { limitValue: spec.limit })
    if (spec.think !== undefined) return this.#thinking.createStep(spec, this.#config.thinkDefaults, helpers.template)
    if (spec.log !== undefined) {
      return (context, done) => {
        console.log(helpers.template(spec.log, context))
        done()
      }
    }
    if (spec.function) return this.#createFunctionStep(String(spec.function), events)

    const method = Object.keys(spec)[0]
    const params = method === undefined ? undefined : spec[method]
    if (method === undefined || !isRecord(params) || !METHODS.includes(method.toUpperCase())) {
      throw new EngineError(
        'ERR_SCRIPT',
        `A step of the flow is ${JSON.stringify(spec)}: use a request such as get, or loop, parallel, think, log or function`,
      )
    }
    return createRequestStep(method, params, hooks, {
      config: this.#config,
      helpers,
      find: this.#find,
      events,
      resolution: this.#resolution(),
      waiting: this.#waiting,
    })
  }

  #createFunctionStep(name: string, events: ArtilleryEvents): Step {
    return (context, done) => {
      const fn = this.#find(name)
      if (fn === undefined) {
        events.emit('error', `Undefined function "${name}"`)
        done()
        return
      }
      callProcessor(fn, [context, events], done)
    }
  }

  #resolution(): ResolutionSettings {
    const scriptConfig = this.#scriptConfig
    return {
      template: this.#helpers.template,
      defaultHeaders: this.#config.defaultHeaders,
      defaultCookie: this.#config.defaultCookie,
      timeoutMs: this.#config.timeoutMs,
      baseUrl: () => String(scriptConfig.target),
    }
  }
}

function stopped(): EngineError {
  return new EngineError(STOPPED, 'The engine was stopped')
}
