import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ModuleSource, openModuleSource, type ServedText, servedText } from './module-source.ts'

const require = createRequire(import.meta.url)
const PACKAGE = '@node-to-cloud/browser-kit'
/** Where every page finds the kit. */
const KIT = '/kit/'
/** The parts of lit-html that the kit's views use. */
const LIT_FILES = [
  'lit-html.js',
  'directive.js',
  'directive-helpers.js',
  ...['class-map', 'if-defined', 'live', 'ref', 'repeat'].map((name) => `directives/${name}.js`),
  'async-directive.js',
]

/** An import at the start of a line, as the formatter writes it. */
const IMPORT = /^(?:import|export|\}).*\bfrom '([^']+)'|^import '([^']+)'/gm
/** An import of a minified module. */
const MINIFIED_IMPORT = /(?:import|export)\b[^"'()]*\bfrom"([^"]+)"/g

/** The JavaScript modules of a page: its own, and those of the kit and of the libraries, by the path of their URL. */
export interface PageModules {
  /** `.ts` in the repository, `.js` in a published package. */
  readonly extension: '.ts' | '.js'
  /** What the page's import map says: where the browser finds what modules import by name. */
  readonly importMap: { readonly imports: Readonly<Record<string, string>> }
  /** A module by the path of its URL; undefined if there is none. */
  read(path: string): Promise<ServedText | undefined>
  /** A module and everything that it imports statically, directly or not, as paths of URLs; sorted. */
  importedBy(path: string): Promise<string[]>
}

/**
 * Opens a page's modules.
 *
 * @param folders - the page's own folders by the path of their URL, such as `/browser/`
 */
export async function openPageModules(folders: Readonly<Record<string, URL>>): Promise<PageModules> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const kit = {
    [`${KIT}format/`]: new URL('../format/', import.meta.url),
    [`${KIT}ui/browser/`]: new URL('../ui/browser/', import.meta.url),
  }
  const sources = new Map<string, ModuleSource>()
  for (const [prefix, folder] of Object.entries({ ...folders, ...kit }))
    sources.set(prefix, await openModuleSource(fileURLToPath(folder), extension))
  const libraries = libraryFiles()
  const imports = importsOfKit(sources, extension)

  const read = async (path: string): Promise<ServedText | undefined> => {
    const library = libraries.get(path)
    if (library !== undefined) return servedText(await readFile(library, 'utf8'))
    for (const [prefix, source] of sources) {
      const name = path.startsWith(prefix) ? path.slice(prefix.length) : ''
      if (source.paths.includes(name)) return source.read(name)
    }
    return undefined
  }
  return {
    extension,
    importMap: { imports },
    read,
    async importedBy(path) {
      const found = new Set([path])
      for (const module of found) {
        const text = (await read(module))?.text ?? ''
        const matches = [...text.matchAll(libraries.has(module) ? MINIFIED_IMPORT : IMPORT)]
        for (const [, from, bare] of matches) {
          const target = from ?? bare ?? ''
          const resolved = target.startsWith('.') ? new URL(target, `http://page${module}`).pathname : imports[target]
          if (resolved !== undefined) found.add(resolved)
        }
      }
      return [...found].sort()
    },
  }
}

function importsOfKit(sources: ReadonlyMap<string, ModuleSource>, extension: string): Record<string, string> {
  const names = (prefix: string, name: string): [string, string][] =>
    (sources.get(prefix)?.paths ?? []).map((path) => [
      `${PACKAGE}/${name}/${path.slice(0, -extension.length)}`,
      prefix + path,
    ])
  return {
    'lit-html': `${KIT}lit-html/lit-html.js`,
    ...Object.fromEntries(LIT_FILES.map((file) => [`lit-html/${file}`, `${KIT}lit-html/${file}`])),
    uplot: `${KIT}uplot.js`,
    ...Object.fromEntries(names(`${KIT}format/`, 'format')),
    ...Object.fromEntries(names(`${KIT}ui/browser/`, 'browser')),
  }
}

/** The files of the libraries by the path of their URL. */
function libraryFiles(): ReadonlyMap<string, string> {
  const resolved = require.resolve('lit-html')
  const name = `${sep}lit-html${sep}`
  // What Node resolves is the build for servers, in a folder of the package.
  const lit = resolved.slice(0, resolved.lastIndexOf(name) + name.length)
  return new Map([
    [`${KIT}uplot.js`, join(dirname(require.resolve('uplot/package.json')), 'dist', 'uPlot.esm.js')],
    ...LIT_FILES.map((file): [string, string] => [`${KIT}lit-html/${file}`, join(lit, file)]),
  ])
}
