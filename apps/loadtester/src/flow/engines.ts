import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { UndiciEngine } from '@node-to-cloud/artillery-engine-undici'
import type { ArtilleryCore } from '../artillery/core.ts'
import type { EngineConstructor, FlowEngine, ScenarioSpec, ScriptDocument } from '../artillery/types.ts'
import { ScriptError } from '../script/script-error.ts'
import { limitOrigins } from './http-origin-limit.ts'

/** Which engine runs the scenarios that ask for Artillery's `http`: the one on undici, or Artillery's own. */
export type HttpEngine = 'undici' | 'artillery'

/** How engines are made. */
export interface EngineOptions {
  readonly httpEngine: HttpEngine
  /** URLs whose origins requests may go to, redirects too; default: all. Engines of others are held to it by the script's target alone. */
  readonly allowedOrigins?: readonly string[] | undefined
}

/** The engine that runs a scenario. */
export function engineNameOf(document: ScriptDocument, scenario: ScenarioSpec, httpEngine: HttpEngine): string {
  const name = scenario.engine ?? document.config.engine ?? 'http'
  return name === 'http' && httpEngine === 'undici' ? 'undici' : name
}

/**
 * Makes the engines that a script's scenarios use, by name. An engine that neither Artillery nor the load tester brings
 * along is the package `artillery-engine-<name>`, looked for beside the script, then inside Artillery.
 *
 * @throws ScriptError for an engine that can't be loaded or refuses the script.
 */
export async function createEngines(
  core: ArtilleryCore,
  document: ScriptDocument,
  options: EngineOptions & { readonly scriptPath: string; readonly events: EventEmitter },
): Promise<Map<string, FlowEngine>> {
  const engines = new Map<string, FlowEngine>()
  const { allowedOrigins } = options
  if (allowedOrigins !== undefined) {
    const { config } = document
    config.engines = { ...config.engines, undici: { ...asObject(config.engines?.undici), allowedOrigins } }
  }
  for (const [index, scenario] of document.scenarios.entries()) {
    const name = engineNameOf(document, scenario, options.httpEngine)
    if (engines.has(name)) continue
    const field = `scenarios[${index}].engine`
    const Engine = await findEngine(core, name, options.scriptPath, field)
    try {
      const engine = new Engine(document, options.events, core.engineUtil)
      await engine.init?.()
      if (name === 'http' && allowedOrigins !== undefined) limitOrigins(engine, allowedOrigins)
      engines.set(name, engine)
    } catch (error) {
      throw new ScriptError(error instanceof Error ? error.message : String(error), { cause: error })
    }
  }
  return engines
}

async function findEngine(
  core: ArtilleryCore,
  name: string,
  scriptPath: string,
  field: string,
): Promise<EngineConstructor> {
  // By Artillery's contract for engines, which the engine's package types in full and this one as far as it looks.
  if (name === 'undici') return UndiciEngine as unknown as EngineConstructor
  return core.engines[name] ?? (await loadEngine(core, name, scriptPath, field))
}

async function loadEngine(
  core: ArtilleryCore,
  name: string,
  scriptPath: string,
  field: string,
): Promise<EngineConstructor> {
  const packageName = `artillery-engine-${name}`
  try {
    const namespace = (await import(pathOf(core, packageName, scriptPath))) as Record<string, unknown>
    const engine = namespace.default ?? namespace['module.exports']
    if (typeof engine !== 'function') throw new TypeError(`${packageName} has no default export that is a class`)
    return engine as EngineConstructor
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new ScriptError(`${field}: engine "${name}" can't be loaded from the package ${packageName}: ${reason}`, {
      field,
      cause: error,
    })
  }
}

function pathOf(core: ArtilleryCore, packageName: string, scriptPath: string): string {
  try {
    return pathToFileURL(createRequire(scriptPath).resolve(packageName)).href
  } catch {
    return pathToFileURL(core.resolvePackage(packageName)).href
  }
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
