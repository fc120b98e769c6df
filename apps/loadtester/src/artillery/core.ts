import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { EngineConstructor, FlowContext } from './engine-contract.ts'
import type { ScriptDocument } from './script-document.ts'

/** The release of Artillery that the load tester is built on, pinned exactly because its core is not a public interface. */
export const ARTILLERY_VERSION = '2.0.34'

/** The parts of Artillery's core that the load tester uses. */
export interface ArtilleryCore {
  /** Artillery's engines, by the names that scripts use. */
  readonly engines: Readonly<Record<string, EngineConstructor>>
  /** Third argument of every engine's constructor; `template` fills in `{{ … }}`. */
  readonly engineUtil: EngineUtil
  /** Parses the text of a script, YAML or JSON. */
  readonly parseScript: (text: string) => Promise<unknown>
  /** Copies a script and adds a reader to each payload. */
  readonly prepareScript: (script: ScriptDocument, payload: unknown) => ScriptDocument
  /** Describes what is wrong with a script; undefined if nothing is. */
  readonly validateScript: (script: unknown) => string | undefined
  /** Loads the plugins named in a script. */
  readonly loadPlugins: (
    plugins: unknown,
    script: ScriptDocument,
    options: unknown,
  ) => Promise<Record<string, LoadedPlugin>>
  /** Path of an engine or plugin package: the user's copy, else Artillery's own. */
  readonly resolvePackage: (name: string) => string
}

/** The engine helpers that the load tester itself calls. */
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

/** The installed Artillery is not the pinned release, or is incomplete. */
export class ArtilleryCoreError extends Error {
  readonly code = 'ERR_ARTILLERY_CORE'
}

let loaded: Promise<ArtilleryCore> | undefined

/**
 * Loads Artillery's core into this thread, once. The package exports no programmatic interface, so its files are
 * imported by URL, from the pinned release only.
 *
 * @throws ArtilleryCoreError for another release, or an incomplete one.
 */
export function loadArtilleryCore(): Promise<ArtilleryCore> {
  loaded ??= importCore()
  return loaded
}

/** What a script has set as `artillery.suggestedExitCode` in this thread, as an exit code from 0 to 255. */
export function suggestedExitCode(): number {
  const { artillery } = globalThis as { readonly artillery?: { readonly suggestedExitCode?: unknown } }
  const code = artillery?.suggestedExitCode
  if (code === undefined || code === null) return 0
  const number = Number(code)
  return Number.isInteger(number) ? number & 255 : 1
}

async function importCore(): Promise<ArtilleryCore> {
  process.env.ARTILLERY_DISABLE_TELEMETRY = 'true'
  const require = createRequire(import.meta.url)
  const packageFile = require.resolve('artillery/package.json')
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version?: unknown }
  if (version !== ARTILLERY_VERSION) {
    throw new ArtilleryCoreError(
      `artillery ${ARTILLERY_VERSION} is required, but ${packageFile} is ${String(version)}; run npm ci`,
    )
  }
  const root = join(dirname(packageFile), 'dist', 'lib')
  const load = async (file: string): Promise<Record<string, unknown>> => {
    const namespace: unknown = await import(pathToFileURL(join(root, file)).href)
    return namespace as Record<string, unknown>
  }
  const core = await load('core/index.js')
  const [webSocket, socketIo, commons, util, validation, plugins, packages] = await Promise.all([
    load('core/engine_ws.js'),
    load('core/engine_socketio.js'),
    load('commons/index.js'),
    load('util.js'),
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
    parseScript: part(util, 'parseScript'),
    prepareScript: part(runnerFunctions, 'prepareScript'),
    validateScript: part(validation, 'default'),
    loadPlugins: part(plugins, 'loadPlugins'),
    resolvePackage: part(packages, 'resolveBuiltinPackage'),
  }
}

/** Checks only that the part exists; core.test.ts checks what it takes and returns. */
function part<T>(namespace: object, name: string, type: 'function' | 'object' = 'function'): T {
  const value: unknown = Reflect.get(namespace, name)
  if (typeof value !== type || value === null) {
    throw new ArtilleryCoreError(
      `artillery ${ARTILLERY_VERSION} lacks ${name}: the installation is damaged; run npm ci`,
    )
  }
  return value as T
}
