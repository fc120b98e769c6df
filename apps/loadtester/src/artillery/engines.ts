import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { ArtilleryCore } from './core.ts'
import type { EngineConstructor, FlowEngine, ScriptDocument } from './flow-types.ts'
import { ScriptError } from './script-error.ts'

/** The engine of a scenario that names none. */
export function engineNameOf(document: ScriptDocument, scenario: { readonly engine?: string }): string {
  return scenario.engine ?? document.config.engine ?? 'http'
}

/**
 * Makes the engines that a script's scenarios use, by name. An engine that Artillery doesn't bring along is the package
 * `artillery-engine-<name>`, looked for beside the script, then here, then inside Artillery.
 *
 * @throws ScriptError for an engine that can't be loaded.
 */
export async function createEngines(
  core: ArtilleryCore,
  document: ScriptDocument,
  scriptPath: string,
  events: EventEmitter,
): Promise<Map<string, FlowEngine>> {
  const engines = new Map<string, FlowEngine>()
  for (const [index, scenario] of document.scenarios.entries()) {
    const name = engineNameOf(document, scenario)
    if (engines.has(name)) continue
    const Engine = core.engines[name] ?? (await loadEngine(core, name, scriptPath, `scenarios[${index}].engine`))
    const engine = new Engine(document, events, core.engineUtil)
    await engine.init?.()
    engines.set(name, engine)
  }
  return engines
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
    try {
      return import.meta.resolve(packageName)
    } catch {
      return pathToFileURL(core.resolvePackage(packageName)).href
    }
  }
}
