import { createRequire } from 'node:module'
import { dirname, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { init } from 'es-module-lexer'
import { type JoinedScript, joinModules, type PageModule } from './joined-script.ts'
import { type ModuleFunction, moduleFunction } from './module-function.ts'
import { isCurrent, readModule, type ServedText, type SourceText, servedText } from './module-source.ts'

const require = createRequire(import.meta.url)
const KIT = '@node-to-cloud/browser-kit/'
const LIT = 'lit-html'
/** The path of a page's script. */
export const PAGE_SCRIPT_PATH = '/kit/page.js'

interface ReadModule {
  readonly file: string
  readonly text: SourceText
}

/** A page's script: its modules and everything they import, joined on request, and again after an edit. */
export class PageScript {
  /** The paths of the script and its source map. */
  readonly path: string
  readonly mapPath: string
  readonly #entry: URL
  readonly #functions = new WeakMap<SourceText, ModuleFunction>()
  #joined: { readonly of: readonly ReadModule[]; readonly script: ServedText; readonly map: ServedText } | undefined

  /**
   * @param entry - the script's entry module, with the extension (`.ts` or `.js`) that the calling module has
   * @param options.path - the path of the script; by default {@link PAGE_SCRIPT_PATH}
   */
  constructor(entry: URL, options: { readonly path?: string } = {}) {
    this.path = options.path ?? PAGE_SCRIPT_PATH
    this.mapPath = `${this.path}.map`
    this.#entry = new URL(entry.href.replace(/\.[jt]s$/, import.meta.url.endsWith('.ts') ? '.ts' : '.js'))
  }

  /** Throws a TypeError if a module can't be joined. */
  async read(): Promise<{ readonly script: ServedText; readonly map: ServedText }> {
    if (this.#joined?.of.every(({ file, text }) => isCurrent(file, text))) return this.#joined
    await init()
    const modules = await this.#modules()
    const of = modules.map(({ file, text }) => ({ file, text }))
    const { text, map }: JoinedScript = joinModules(modules, this.#nameOf(this.#entry), this.mapPath)
    this.#joined = { of, script: servedText(text), map: servedText(map) }
    return this.#joined
  }

  /** The entry module and everything it imports, directly or indirectly. */
  async #modules(): Promise<readonly (PageModule & ReadModule)[]> {
    const found = new Set([this.#entry.href])
    const modules: (PageModule & ReadModule)[] = []
    let next = [this.#entry]
    while (next.length > 0) {
      const read = await Promise.all(
        next.map(async (url) => {
          const file = fileURLToPath(url)
          return { url, file, text: await readModule(file) }
        }),
      )
      next = []
      for (const { url, file, text } of read) {
        const path = this.#nameOf(url)
        const asFunction = this.#functionOf(url, text)
        modules.push({ path, source: text.source, asFunction, file, text })
        for (const name of asFunction.imports) {
          const imported = new URL(name, this.#entry)
          if (found.has(imported.href)) continue
          found.add(imported.href)
          next.push(imported)
        }
      }
    }
    return modules
  }

  #functionOf(url: URL, text: SourceText): ModuleFunction {
    const known = this.#functions.get(text)
    if (known !== undefined) return known
    const made = moduleFunction(text.script, this.#nameOf(url), (specifier) => this.#nameOf(resolved(specifier, url)))
    this.#functions.set(text, made)
    return made
  }

  /** The path of a module relative to the entry, so that no absolute path of this machine is shown. */
  #nameOf(url: URL): string {
    return relative(dirname(fileURLToPath(this.#entry)), fileURLToPath(url)).replaceAll(sep, '/')
  }
}

/** The file of an imported module: one beside the importing module, one of the kit, or one of the kit's libraries. */
function resolved(specifier: string, from: URL): URL {
  if (specifier.startsWith('.')) return new URL(specifier, from)
  if (specifier.startsWith(KIT)) return new URL(import.meta.resolve(specifier))
  if (specifier === 'uplot') return new URL('dist/uPlot.esm.js', pathToFileURL(require.resolve('uplot/package.json')))
  const [name, ...rest] = specifier.split('/')
  if (name !== LIT) throw new TypeError(`${from.href} imports ${specifier}, which is not available to pages`)
  // Node resolves to the server build, in a subfolder of the package.
  const { href } = pathToFileURL(require.resolve(LIT))
  const folder = href.slice(0, href.lastIndexOf(`/${LIT}/`) + LIT.length + 2)
  return new URL(rest.join('/') || 'lit-html.js', folder)
}
