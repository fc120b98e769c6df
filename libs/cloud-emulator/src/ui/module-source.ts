import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { relative, sep } from 'node:path'

/** A text to be served, and what a browser compares to see whether it has it already. */
export interface ServedText {
  readonly text: string
  readonly etag: string
}

/** A text with its etag. */
export function servedText(text: string): ServedText {
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
}

/** The browser's modules: what there is and the JavaScript text of each. */
export interface ModuleSource {
  /** `.ts` in the repository, `.js` in a published package: the modules import each other by it. */
  readonly extension: '.ts' | '.js'
  /** The modules' paths below the folder, with `/`, sorted. */
  readonly paths: readonly string[]
  /** JavaScript of one module of {@link paths}. */
  read(path: string): Promise<ServedText>
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
  const served = new Map<string, { mtimeMs: number; module: ServedText }>()

  return {
    extension,
    paths,
    async read(path) {
      const file = `${folder}${sep}${path.replaceAll('/', sep)}`
      const { mtimeMs } = await stat(file)
      const known = served.get(path)
      if (known?.mtimeMs === mtimeMs) return known.module
      const source = await readFile(file, 'utf8')
      const module = servedText(extension === '.ts' ? stripTypes(source) : source)
      served.set(path, { mtimeMs, module })
      return module
    },
  }
}
