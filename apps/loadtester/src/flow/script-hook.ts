import { EventEmitter } from 'node:events'
import { loadArtilleryCore } from '../artillery/core.ts'
import type { ScenarioSpec } from '../artillery/script-document.ts'
import type { HookVariables, ScriptHook } from '../script/hooks.ts'
import { asRecord } from '../script/plain-object.ts'
import type { LoadScript } from '../script/script.ts'
import { ScriptError } from '../script/script-error.ts'
import { createEngines, type EngineOptions, engineNameOf } from './engines.ts'
import { errorCodeOf } from './error-code.ts'
import { createFlowContext } from './flow-context.ts'
import { loadScriptPlugins } from './plugins.ts'

/** Limit of the variables that a flow sets, as JSON, in characters: they are sent to every worker. */
const MAX_VARIABLES_LENGTH = 1_000_000

/**
 * Runs a script's `before` or `after` flow on engines of its own. As in Artillery, its requests are not part of the
 * results.
 *
 * @param options.variables what the `before` flow set, for the `after` flow.
 * @returns the variables that the flow set.
 * @throws ScriptError if the flow fails, or sets too many variables.
 */
export async function runScriptHook(
  hook: ScriptHook,
  script: LoadScript,
  options: EngineOptions & { readonly testId: string; readonly variables?: HookVariables | undefined },
): Promise<HookVariables> {
  const { httpEngine, allowedOrigins, testId, variables } = options
  const core = await loadArtilleryCore()
  const document = core.prepareScript(script.document, script.document.config.payload ?? undefined)
  await loadScriptPlugins(core, document, script.path)
  const spec = readHook(document[hook], hook)
  document.scenarios = [spec]
  const events = new EventEmitter()
  const engines = await createEngines(core, document, { scriptPath: script.path, events, httpEngine, allowedOrigins })
  const engine = engines.get(engineNameOf(document, spec, httpEngine))
  if (engine === undefined) throw new ScriptError(`${hook}: it has no engine`, { field: `${hook}.engine` })
  const context = createFlowContext(core, document, spec, { testId, row: 0, variables })
  const known = { ...context.vars }
  const scenarioEvents = new EventEmitter().on('error', () => {})
  const run = engine.createScenario(spec, scenarioEvents)
  await new Promise<void>((resolve, reject) => {
    const done = (error: unknown): void => {
      if (error === null || error === undefined) resolve()
      else reject(new ScriptError(`${hook}: the flow failed: ${errorCodeOf(error)}`, { field: hook, cause: error }))
    }
    const running: unknown = run(context, done)
    if (running instanceof Promise) running.then(() => resolve(), done)
  })
  return asJsonData(
    Object.fromEntries(Object.entries(context.vars).filter(([name, value]) => known[name] !== value)),
    hook,
  )
}

function readHook(value: unknown, hook: ScriptHook): ScenarioSpec {
  const record = asRecord(value)
  if (record === undefined || !Array.isArray(record.flow))
    throw ScriptError.at(`${hook}.flow`, 'must be a list of steps')
  return { ...record, flow: record.flow.flat() }
}

function asJsonData(variables: Record<string, unknown>, hook: ScriptHook): HookVariables {
  let text: string
  try {
    text = JSON.stringify(variables)
  } catch (error) {
    throw new ScriptError(`${hook}: its variables can't be sent to the workers: ${errorCodeOf(error)}`, {
      field: hook,
      cause: error,
    })
  }
  if (text.length > MAX_VARIABLES_LENGTH) {
    throw new ScriptError(
      `${hook}: its variables have ${text.length} characters as JSON; at most ${MAX_VARIABLES_LENGTH} are allowed`,
      { field: hook },
    )
  }
  return JSON.parse(text) as HookVariables
}
