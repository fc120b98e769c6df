import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire, type LoadHookSync, type ResolveHookSync, registerHooks } from 'node:module'
import { dirname, isAbsolute, resolve as resolvePath } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findModule } from './module-path.ts'
import { toRunnable } from './module-source.ts'

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>

/** A script's module, with everything that it imports but packages. */
export interface LoadedModule {
  readonly exports: ModuleExports
  /** Text of each file, by its path, in the order of the paths. */
  readonly files: ReadonlyMap<string, string>
}

interface Generation {
  readonly files: Map<string, string>
}

/** Files that were read for a module, by its entry's path; while none of them changes, it is not loaded again. */
const generations = new Map<string, Generation>()
/** The generation of each URL under which a script's file was imported; CommonJS names its files without the query. */
const generationOf = new Map<string, Generation>()
let generationCount = 0
let areHooksRegistered = false

/**
 * Loads a script's module as Artillery would, in its current state: again if it, or a file that it imports, has changed.
 *
 * @param path of the file.
 */
export async function loadModule(path: string): Promise<LoadedModule> {
  if (!areHooksRegistered) registerHooks({ resolve: resolveFile, load: loadFile })
  areHooksRegistered = true
  let generation = generations.get(path)
  if (generation === undefined || hasChanged(generation)) {
    const { cache } = createRequire(path)
    for (const file of generation?.files.keys() ?? [path]) delete cache[file]
    generation = { files: new Map() }
    generations.set(path, generation)
    generationCount++
  }
  const url = urlOf(path, generation)
  const namespace: unknown = await import(url)
  const files = new Map([...generation.files].sort(([a], [b]) => (a < b ? -1 : 1)))
  return { exports: namespace as ModuleExports, files }
}

const urls = new WeakMap<Generation, string>()

function urlOf(path: string, generation: Generation): string {
  const query = urls.get(generation) ?? `?${generationCount}`
  urls.set(generation, query)
  const url = pathToFileURL(path).href + query
  generationOf.set(url, generation)
  generationOf.set(pathToFileURL(path).href, generation)
  return url
}

function hasChanged({ files }: Generation): boolean {
  return [...files].some(([file, text]) => {
    try {
      return digest(readFileSync(file, 'utf8')) !== digest(text)
    } catch {
      return true
    }
  })
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A script's file may name another without its ending, or by its folder. */
const resolveFile: ResolveHookSync = (specifier, context, nextResolve) => {
  const { parentURL } = context
  const generation = parentURL === undefined ? undefined : generationOf.get(parentURL)
  if (parentURL === undefined || generation === undefined) return nextResolve(specifier, context)
  const importer = fileURLToPath(parentURL)
  const path = pathOf(specifier, importer)
  const file = path === undefined ? undefined : findModule(path, importer)
  if (file === undefined || /\/node_modules\//.test(file)) return nextResolve(specifier, context)
  return { url: urlOf(file, generation), shortCircuit: true }
}

function pathOf(specifier: string, importer: string): string | undefined {
  if (specifier.startsWith('file:')) return fileURLToPath(specifier)
  return /^\.{1,2}(\/|$)/.test(specifier) || isAbsolute(specifier)
    ? resolvePath(dirname(importer), specifier)
    : undefined
}

const loadFile: LoadHookSync = (url, context, nextLoad) => {
  const generation = generationOf.get(url)
  if (generation === undefined) return nextLoad(url, context)
  const path = fileURLToPath(url)
  const text = readFileSync(path, 'utf8')
  generation.files.set(path, text)
  if (path.endsWith('.json')) {
    return context.conditions.includes('require')
      ? { format: 'json', source: text, shortCircuit: true }
      : { format: 'module', source: `export default ${text}`, shortCircuit: true }
  }
  return { ...toRunnable(path, text), shortCircuit: true }
}
