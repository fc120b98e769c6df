import type {
  ArtilleryEvents,
  EngineHelpers,
  EngineScript,
  ScenarioSpec,
  VirtualUserContext,
} from '../../src/artillery/contract.ts'
import type { Engine, EngineClass } from './artillery-core.ts'

/** Everything a scenario emitted, summed up. */
export interface Emitted {
  counters: Record<string, number>
  rates: Record<string, number>
  histograms: Record<string, number[]>
}

/** An emitter that sums up what it receives, as Artillery's metrics do. */
export class CollectingEvents implements ArtilleryEvents {
  readonly emitted: Emitted = { counters: {}, rates: {}, histograms: {} }

  emit(event: string, ...values: unknown[]): boolean {
    const { counters, rates, histograms } = this.emitted
    const name = String(values[0])
    if (event === 'counter') counters[name] = (counters[name] ?? 0) + Number(values[1])
    else if (event === 'rate') rates[name] = (rates[name] ?? 0) + 1
    else if (event === 'error') counters[`errors.${name}`] = (counters[`errors.${name}`] ?? 0) + 1
    else if (event === 'histogram') {
      histograms[name] ??= []
      histograms[name].push(Number(values[1]))
    } else if (event !== 'started' && event !== 'match') return false
    return true
  }
}

/** How one virtual user's run of a scenario ended. */
export interface ScenarioResult extends Emitted {
  error: unknown
  vars: Record<string, unknown>
}

/** A script of one scenario. */
export interface ScenarioScript {
  config: Record<string, unknown>
  scenario: ScenarioSpec
  vars?: Record<string, unknown>
}

/** A virtual user's context, as Artillery's runner makes it. */
export function createContext(
  script: ScenarioScript,
  helpers: EngineHelpers,
  vars: Record<string, unknown> = {},
): VirtualUserContext {
  const context: VirtualUserContext = {
    vars: { target: script.config.target, $scenarioFile: import.meta.filename, ...script.vars, ...vars },
    scenario: script.scenario,
  }
  context.funcs = {
    $randomNumber: () => 4,
    $randomString: () => 'random',
    $template: (input) => helpers.template(input, { vars: context.vars }),
  }
  return context
}

/** Creates an engine for a script and calls `init`, as Artillery's runner does. */
export async function createEngine(
  EngineUnderTest: EngineClass,
  script: EngineScript,
  helpers: EngineHelpers,
): Promise<Engine> {
  const engine = new EngineUnderTest(script, new CollectingEvents(), helpers)
  await engine.init?.()
  return engine
}

/** Runs one virtual user through a scenario. */
export async function runScenario(
  EngineUnderTest: EngineClass,
  script: ScenarioScript,
  helpers: EngineHelpers,
): Promise<ScenarioResult> {
  const engine = await createEngine(EngineUnderTest, { config: script.config }, helpers)
  const events = new CollectingEvents()
  const scenario = engine.createScenario(script.scenario, events)
  const context = createContext(script, helpers)
  const error = await new Promise<unknown>((resolve) => {
    void scenario(context, (failure) => resolve(failure ?? undefined))
  })
  return { ...events.emitted, error, vars: context.vars }
}
