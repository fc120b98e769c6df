import { readFileSync, statSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'

/** Endings that a path may lack, in the order in which they are tried. */
const JAVASCRIPT_FIRST = ['.js', '.json', '.cjs', '.mjs', '.ts', '.cts', '.mts'] as const
const TYPESCRIPT_FIRST = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'] as const
/** In TypeScript, a file may be imported by the name of the JavaScript that it would be compiled to. */
const SOURCE_EXTENSIONS: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts', '.cjs': '.cts' }

/**
 * Finds the file of a module that is named without its ending, by its folder, or by the name of its JavaScript.
 *
 * @param path absolute.
 * @param importer the file that imports it; default: it is a script's processor, which Artillery looks for as `require` does.
 * @returns undefined if there is none.
 */
export function findModule(path: string, importer?: string): string | undefined {
  const isFromTypeScript = importer !== undefined && /\.[cm]?ts$/.test(importer)
  const endings = isFromTypeScript ? TYPESCRIPT_FIRST : JAVASCRIPT_FIRST
  const candidates = [path, ...endings.map((ending) => path + ending)]
  const source = SOURCE_EXTENSIONS[extname(path)]
  if (source !== undefined) candidates.push(path.slice(0, -extname(path).length) + source)
  const main = mainOf(path)
  if (main !== undefined) candidates.push(main, ...endings.map((ending) => main + ending))
  candidates.push(...endings.map((ending) => join(path, `index${ending}`)))
  return candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true)
}

/** The type of the package that a file belongs to, as Node reads it. */
export function packageTypeOf(path: string): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const manifest = readManifest(folder)
    if (manifest !== undefined || folder === dirname(folder))
      return typeof manifest?.type === 'string' ? manifest.type : undefined
  }
}

function mainOf(folder: string): string | undefined {
  const main = readManifest(folder)?.main
  return typeof main === 'string' ? join(folder, main) : undefined
}

function readManifest(folder: string): { readonly main?: unknown; readonly type?: unknown } | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return typeof manifest === 'object' && manifest !== null ? manifest : undefined
  } catch {
    return undefined
  }
}
