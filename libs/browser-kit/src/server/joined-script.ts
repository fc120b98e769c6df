import { type ModuleFunction, USE } from './module-function.ts'
import { type MappedSource, sourceMap } from './source-map.ts'

/** A module of a page. */
export interface PageModule {
  /** Its path on the page, such as `/browser/main.ts`. */
  readonly path: string
  /** Its source on disk, for the source map. */
  readonly source: string
  readonly asFunction: ModuleFunction
}

/** A script of several modules, and its source map. */
export interface JoinedScript {
  readonly text: string
  readonly map: string
}

/** Defines what module functions call to import a module: each module runs once, on first use. */
const HEAD = `const modules = {}, started = {}
const ${USE} = (path) => started[path] ?? (modules[path]((started[path] = {})), started[path])
`

/**
 * Joins modules into one script that runs the module `entry`. Each module has its own scope, and its lines stay in
 * order.
 */
export function joinModules(modules: readonly PageModule[], entry: string, mapName: string): JoinedScript {
  let text = HEAD
  let line = HEAD.split('\n').length - 1
  const mapped: MappedSource[] = []
  for (const { path, source, asFunction } of modules) {
    const part = `modules[${JSON.stringify(path)}] = ${asFunction.code}\n`
    mapped.push({ path, text: source, line: line + 1 })
    text += part
    line += part.split('\n').length - 1
  }
  return { text: `${text}${USE}(${JSON.stringify(entry)})\n//# sourceMappingURL=${mapName}\n`, map: sourceMap(mapped) }
}
