import { EventEmitter } from 'node:events'
import { loadArtilleryCore } from '../artillery/core.ts'
import type { ScenarioSpec, ScriptDocument } from '../artillery/types.ts'
import type { LoadScript } from '../script/script.ts'
import { ScriptError } from '../script/script-error.ts'
import { createEngines, type EngineOptions, engineNameOf } from './engines.ts'
import { createFlowContext } from './flow-context.ts'
import { loadScriptPlugins } from './plugins.ts'

/** A flow that runs once for a whole run: before its first virtual user, or after its last one. */
export type ScriptHook = 'before' | 'after'

/** Variables that a hook leaves: plain data, as JSON knows it. */
export type HookVariables = Readonly<Record<string, unknown>>

/** The variables that a `before` flow may leave, as JSON, in characters: they travel to every worker. */
export const maximumVariablesLength = 1_000_000

/** The hooks that a script has. */
export function hooksOf(document: ScriptDocument): ScriptHook[] {
  return (['before', 'after'] as const).filter((hook) => document[hook] !== undefined && document[hook] !== null)
}

/**
 * Runs a script's `before` or `after` flow, by engines of its own: like Artillery's, its requests are not part of the
 * results.
 *
 * @param options.variables what the `before` flow left; an `after` flow has them.
 * @returns the variables that the flow set.
 * @throws ScriptError where the flow fails, or leaves variables that are too long.
 */
export async function runScriptHook(
  hook: ScriptHook,
  script: LoadScript,
  options: EngineOptions & { readonly testId: string; readonly variables?: HookVariables | undefined },
): Promise<HookVariables> {
  const core = await loadArtilleryCore()
  const document = core.prepareScript(script.document, script.document.config.payload ?? undefined)
  await loadScriptPlugins(core, document, script.path)
  const spec = readHook(document[hook], hook)
  document.scenarios = [spec]
  const engines = await createEngines(core, document, {
    scriptPath: script.path,
    events: new EventEmitter(),
    httpEngine: options.httpEngine,
    allowedOrigins: options.allowedOrigins,
  })
  const engine = engines.get(engineNameOf(document, spec, options.httpEngine))
  if (engine === undefined) throw new ScriptError(`${hook}: its engine could not be made`, { field: `${hook}.engine` })
  const context = createFlowContext(core, document, spec, options.testId)
  Object.assign(context.vars, options.variables)
  const known = { ...context.vars }
  const run = engine.createScenario(
    spec,
    new EventEmitter().on('error', () => {}),
  )
  await new Promise<void>((resolve, reject) => {
    const done = (error: unknown): void => {
      if (error === null || error === undefined) resolve()
      else reject(new ScriptError(`${hook}: the flow failed: ${codeOf(error)}`, { field: hook, cause: error }))
    }
    const running: unknown = run(context, done)
    if (running instanceof Promise) running.then(() => resolve(), done)
  })
  return plainData(
    Object.fromEntries(Object.entries(context.vars).filter(([name, value]) => known[name] !== value)),
    hook,
  )
}

function readHook(value: unknown, hook: ScriptHook): ScenarioSpec {
  if (typeof value === 'object' && value !== null && 'flow' in value && Array.isArray(value.flow))
    return { ...value, flow: value.flow.flat() }
  throw new ScriptError(`${hook}.flow must be a list of steps`, { field: `${hook}.flow` })
}

function plainData(variables: Record<string, unknown>, hook: ScriptHook): HookVariables {
  let text: string
  try {
    text = JSON.stringify(variables)
  } catch (error) {
    throw new ScriptError(`${hook}: the variables it leaves can't be handed over: ${codeOf(error)}`, {
      field: hook,
      cause: error,
    })
  }
  if (text.length > maximumVariablesLength) {
    throw new ScriptError(
      `${hook}: the variables it leaves have ${text.length} characters as JSON; at most ${maximumVariablesLength} are allowed`,
      { field: hook },
    )
  }
  return JSON.parse(text) as HookVariables
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'message' in error && typeof error.message === 'string' ? error.message : String(error)
}
