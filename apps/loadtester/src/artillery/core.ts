import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { EngineConstructor, FlowContext, ScriptDocument } from './types.ts'

/** The exact release of Artillery whose core the load tester is built on; its inner files are no public interface. */
export const artilleryVersion = '2.0.34'

/** What the load tester uses of Artillery's core. */
export interface ArtilleryCore {
  /** Artillery's engines by the name that scripts use for them. */
  readonly engines: Readonly<Record<string, EngineConstructor>>
  /** Third argument of every engine's constructor; `template` fills `{{ … }}` in. */
  readonly engineUtil: EngineUtil
  /** Copies a script and gives its payloads their readers. */
  readonly prepareScript: (script: ScriptDocument, payload: unknown) => ScriptDocument
  /** A sentence on what is wrong with a script, or undefined. */
  readonly validateScript: (script: unknown) => string | undefined
  /** Loads the plugins named in a script. */
  readonly loadPlugins: (
    plugins: unknown,
    script: ScriptDocument,
    options: unknown,
  ) => Promise<Record<string, LoadedPlugin>>
  /** File of an engine or plugin package: the user's own copy, else the one inside Artillery. */
  readonly resolvePackage: (name: string) => string
}

/** Artillery's engine helpers, as far as the load tester calls them itself. */
export interface EngineUtil {
  template(input: unknown, context: Pick<FlowContext, 'vars'> & Partial<FlowContext>): unknown
}

/** Artillery's result for one plugin. */
export interface LoadedPlugin {
  readonly isLoaded: boolean
  readonly version?: number
  readonly msg?: string
  readonly PluginExport?: unknown
}

/** Artillery is not there in the version that the load tester is built on. */
export class ArtilleryCoreError extends Error {
  readonly code = 'ARTILLERY_CORE'
}

let loaded: Promise<ArtilleryCore> | undefined

/**
 * Loads Artillery's core into this thread, once. Its package exports no programmatic interface, so the files are
 * imported by URL, and only from the pinned release.
 *
 * @throws ArtilleryCoreError for another release, or one that lacks a part.
 */
export function loadArtilleryCore(): Promise<ArtilleryCore> {
  loaded ??= importCore()
  return loaded
}

async function importCore(): Promise<ArtilleryCore> {
  process.env.ARTILLERY_DISABLE_TELEMETRY = 'true'
  const require = createRequire(import.meta.url)
  const packageFile = require.resolve('artillery/package.json')
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version?: unknown }
  if (version !== artilleryVersion) {
    throw new ArtilleryCoreError(
      `artillery ${artilleryVersion} is needed, but ${packageFile} is ${String(version)}; run npm ci`,
    )
  }
  const root = join(dirname(packageFile), 'dist', 'lib')
  const load = async (file: string): Promise<Record<string, unknown>> => {
    const namespace: unknown = await import(pathToFileURL(join(root, file)).href)
    return namespace as Record<string, unknown>
  }
  const core = await load('core/index.js')
  const [webSocket, socketIo, commons, validation, plugins, packages] = await Promise.all([
    load('core/engine_ws.js'),
    load('core/engine_socketio.js'),
    load('commons/index.js'),
    load('util/validate-script.js'),
    load('load-plugins.js'),
    load('builtin-packages.js'),
  ])
  const runner = part<object>(core, 'runner', 'object')
  const runnerFunctions = part<object>(runner, 'runnerFuncs', 'object')
  await part<(options: { version: string }) => Promise<void>>(core, 'updateGlobalObject')({ version })
  return {
    engines: {
      http: part(core, 'engine_http'),
      ws: part(webSocket, 'default'),
      socketio: part(socketIo, 'default'),
    },
    engineUtil: part(commons, 'engine_util', 'object'),
    prepareScript: part(runnerFunctions, 'prepareScript'),
    validateScript: part(validation, 'default'),
    loadPlugins: part(plugins, 'loadPlugins'),
    resolvePackage: part(packages, 'resolveBuiltinPackage'),
  }
}

/** A part of Artillery that is there, by its kind; core.test.ts holds it to what it takes and gives. */
function part<T>(namespace: object, name: string, type: 'function' | 'object' = 'function'): T {
  const value: unknown = Reflect.get(namespace, name)
  if (typeof value !== type || value === null) {
    throw new ArtilleryCoreError(
      `artillery ${artilleryVersion} has no ${name}: its installation is damaged; run npm ci`,
    )
  }
  return value as T
}
