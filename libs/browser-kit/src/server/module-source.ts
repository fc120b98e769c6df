import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { relative, sep } from 'node:path'

/** A text to serve, with its ETag. */
export interface ServedText {
  readonly text: string
  readonly etag: string
}

export function servedText(text: string): ServedText {
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
}

const served = new Map<string, { mtimeMs: number; module: ServedText }>()

/** The browser's modules as JavaScript. */
export interface ModuleSource {
  /** `.ts` in the repository, `.js` in a published package. */
  readonly extension: '.ts' | '.js'
  /** Paths below the folder, with `/`, sorted. */
  readonly paths: readonly string[]
  /** The JavaScript of one of {@link paths}. */
  read(path: string): Promise<ServedText>
}

/**
 * Strips types without Node's warning that this function is experimental: it is what Node itself runs `.ts` files with.
 */
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
 * Opens the browser's modules in `folder`.
 *
 * In the repository they are TypeScript, whose types are stripped on request and again after an edit, so that no build
 * step is needed. In a published package they are what `tsc -b` emitted.
 */
export async function openModuleSource(folder: string, extension: '.ts' | '.js'): Promise<ModuleSource> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => relative(folder, `${entry.parentPath}${sep}${entry.name}`).replaceAll(sep, '/'))
    .filter((path) => !path.endsWith(`.test${extension}`) && !path.endsWith('.d.ts'))
    .sort()
  return {
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
  }
}
