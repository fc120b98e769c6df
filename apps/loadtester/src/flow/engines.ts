import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { UndiciEngine } from '@node-to-cloud/artillery-engine-undici'
import { messageOf } from '@node-to-cloud/command-line'
import type { ArtilleryCore } from '../artillery/core.ts'
import type { EngineConstructor, FlowEngine } from '../artillery/engine-contract.ts'
import type { ScenarioSpec, ScriptDocument } from '../artillery/script-document.ts'
import { asRecord } from '../script/plain-object.ts'
import { ScriptError } from '../script/script-error.ts'
import { limitOrigins } from './http-origin-limit.ts'

/** What runs scenarios that use Artillery's `http` engine: the engine on undici, or Artillery's own. */
export type HttpEngine = 'undici' | 'artillery'

export interface EngineOptions {
  readonly httpEngine: HttpEngine
  /** URLs whose origins the HTTP engines may send requests to, also by redirects; default: any. */
  readonly allowedOrigins?: readonly string[] | undefined
}

/** Name of the engine that runs a scenario. */
export function engineNameOf(document: ScriptDocument, scenario: ScenarioSpec, httpEngine: HttpEngine): string {
  const name = scenario.engine ?? document.config.engine ?? 'http'
  return name === 'http' && httpEngine === 'undici' ? 'undici' : name
}

/**
 * Creates the engines of a script's scenarios, by name. An engine that is neither built in nor Artillery's is the package
 * `artillery-engine-<name>`, resolved from the script's folder, then from Artillery.
 *
 * @throws ScriptError for an engine that can't be loaded or rejects the script.
 */
export async function createEngines(
  core: ArtilleryCore,
  document: ScriptDocument,
  options: EngineOptions & { readonly scriptPath: string; readonly events: EventEmitter },
): Promise<Map<string, FlowEngine>> {
  const engines = new Map<string, FlowEngine>()
  const { allowedOrigins, httpEngine, scriptPath, events } = options
  const { config } = document
  if (allowedOrigins !== undefined)
    config.engines = { ...config.engines, undici: { ...asRecord(config.engines?.undici), allowedOrigins } }
  for (const [index, scenario] of document.scenarios.entries()) {
    const name = engineNameOf(document, scenario, httpEngine)
    if (engines.has(name)) continue
    const Engine = await findEngine(core, name, scriptPath, `scenarios[${index}].engine`)
    try {
      const engine = new Engine(document, events, core.engineUtil)
      await engine.init?.()
      if (name === 'http' && allowedOrigins !== undefined) limitOrigins(engine, allowedOrigins)
      engines.set(name, engine)
    } catch (error) {
      throw new ScriptError(messageOf(error), { cause: error })
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
  // Both packages type Artillery's contract for engines, each as far as it needs it.
  if (name === 'undici') return UndiciEngine as unknown as EngineConstructor
  const known = core.engines[name]
  if (known !== undefined) return known
  const packageName = `artillery-engine-${name}`
  try {
    const namespace = (await import(urlOf(core, packageName, scriptPath))) as Record<string, unknown>
    const engine = namespace.default ?? namespace['module.exports']
    if (typeof engine !== 'function') throw new TypeError(`${packageName} has no class as its default export`)
    return engine as EngineConstructor
  } catch (error) {
    const [reason] = messageOf(error).split('\n')
    throw new ScriptError(`${field}: engine "${name}" can't be loaded from the package ${packageName}: ${reason}`, {
      field,
      cause: error,
    })
  }
}

function urlOf(core: ArtilleryCore, packageName: string, scriptPath: string): string {
  try {
    return pathToFileURL(createRequire(scriptPath).resolve(packageName)).href
  } catch {
    return pathToFileURL(core.resolvePackage(packageName)).href
  }
}
