import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { posix, relative, sep } from 'node:path'

/** A text to be served, and what a browser compares to see whether it has it already. */
export interface ServedText {
  readonly text: string
  readonly etag: string
}

/** A text with its etag. */
export function servedText(text: string): ServedText {
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
}

/** The relative path of an import or re-export at the start of a line, as the formatter writes them. */
const STATIC_IMPORT = /^(?:import|export|\}).*\bfrom '(\.[^']+)'/gm

/** What was read, by file. */
const served = new Map<string, { mtimeMs: number; module: ServedText }>()

/** The browser's modules: what there is and the JavaScript text of each. */
export interface ModuleSource {
  /** `.ts` in the repository, `.js` in a published package: the modules import each other by it. */
  readonly extension: '.ts' | '.js'
  /** The modules' paths below the folder, with `/`, sorted. */
  readonly paths: readonly string[]
  /** JavaScript of one module of {@link paths}. */
  read(path: string): Promise<ServedText>
  /** The module at `path` and all that it imports at once, directly or not, without what it imports when it needs it; sorted. */
  importedBy(path: string): Promise<string[]>
}

/** `stripTypeScriptTypes` without its warning: it is experimental by name, but what Node itself runs `.ts` files with. */
function stripTypes(source: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source, { mode: 'strip' })
  } finally {
    process.emitWarning = emitWarning
  }
}

/**
 * Reads the browser's modules from `folder`.
 *
 * In the repository they are TypeScript: their types are blanked out when they are asked for, and again after an edit, so that
 * no build step stands between an editor and the browser. In a published package they are what `tsc -b` emitted.
 */
export async function openModuleSource(folder: string, extension: '.ts' | '.js'): Promise<ModuleSource> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => relative(folder, `${entry.parentPath}${sep}${entry.name}`).replaceAll(sep, '/'))
    .filter((path) => !path.endsWith(`.test${extension}`) && !path.endsWith('.d.ts'))
    .sort()
  const source: ModuleSource = {
    extension,
    paths,
    async read(path) {
      const file = `${folder}${sep}${path.replaceAll('/', sep)}`
      const { mtimeMs } = await stat(file)
      const known = served.get(file)
      if (known?.mtimeMs === mtimeMs) return known.module
      const text = await readFile(file, 'utf8')
      const module = servedText(extension === '.ts' ? stripTypes(text) : text)
      served.set(file, { mtimeMs, module })
      return module
    },
    async importedBy(path) {
      const found = new Set([path])
      for (const module of found) {
        const { text } = await source.read(module)
        for (const [, target = ''] of text.matchAll(STATIC_IMPORT)) found.add(posix.join(posix.dirname(module), target))
      }
      return [...found].sort()
    },
  }
  return source
}
