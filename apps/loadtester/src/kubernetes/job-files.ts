import { dirname, relative, sep } from 'node:path'
import { ScriptError } from '../script/script-error.ts'

/** A ConfigMap holds less than a mebibyte; some of that is for names. */
const MAX_BYTES = 1_000_000

/** Files as a ConfigMap has them, and where they are mounted. */
export interface JobFiles {
  /** Text by key; keys have no slashes. */
  readonly data: Readonly<Record<string, string>>
  /** Path of each key below the mount. */
  readonly items: readonly { readonly key: string; readonly path: string }[]
  /** Path of the script below the mount. */
  readonly script: string
}

/**
 * Lays out a script and its files for a ConfigMap: as they are on disk, below the folder that they have in common.
 *
 * @param texts by absolute path.
 * @throws ScriptError if they are too large.
 */
export function layOutFiles(texts: ReadonlyMap<string, string>, script: string): JobFiles {
  const folder = commonFolder(texts.keys())
  const files = [...texts].map(([path, text], index) => ({ key: `file-${index}`, path: pathBelow(folder, path), text }))
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  if (bytes > MAX_BYTES) {
    const [largest] = files.toSorted((a, b) => b.text.length - a.text.length)
    throw new ScriptError(
      `the script and its files have ${bytes} bytes; a ConfigMap holds at most ${MAX_BYTES}. The largest is ${largest?.path}; put it into your own image (--image)`,
    )
  }
  return {
    data: Object.fromEntries(files.map(({ key, text }) => [key, text])),
    items: files.map(({ key, path }) => ({ key, path })),
    script: pathBelow(folder, script),
  }
}

function pathBelow(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/')
}

/** The folder that all of these files are in, at whatever depth. */
function commonFolder(paths: Iterable<string>): string {
  let folder: string | undefined
  for (const path of paths) {
    folder ??= dirname(path)
    while (relative(folder, path).startsWith('..')) folder = dirname(folder)
  }
  return folder ?? '/'
}
