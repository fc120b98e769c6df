import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { readBrowserModule } from '../ui/module-source.ts'

const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
/** Folders of browser modules, by the path under which a page imports them. */
const MODULE_FOLDERS: Readonly<Record<string, URL>> = {
  '/ui': new URL('../ui/browser/', import.meta.url),
  '/contract': new URL('../contract/', import.meta.url),
}
/** Static files exist in the source tree only, even if the code runs from dist. */
const PUBLIC_FOLDER = new URL('../../src/ui/public/', import.meta.url)

/** Style sheets; they are public, because the sign-in page uses them. */
export const STYLE_SHEETS: readonly string[] = readdirSync(fileURLToPath(PUBLIC_FOLDER)).filter((name) =>
  name.endsWith('.css'),
)

/** Serves the console: its pages, its modules, and the chart library. */
export function addUiRoutes(app: FastifyInstance): void {
  for (const [path, { file, type }] of Object.entries(staticFiles())) {
    app.get<{ Querystring: { wrong?: string } }>(path, async ({ query }, reply) => {
      const text = await readFile(file, 'utf8')
      return reply.type(`${type}; charset=utf-8`).send(fillIn(path, text, query.wrong !== undefined))
    })
  }
  for (const [path, folder] of Object.entries(MODULE_FOLDERS)) {
    const modules = new Set(readdirSync(fileURLToPath(folder)).filter(isModule))
    app.get<{ Params: { name: string } }>(`${path}/:name`, async ({ params }, reply) => {
      if (!modules.has(params.name)) return reply.callNotFound()
      return reply.type('text/javascript; charset=utf-8').send(await readBrowserModule(new URL(params.name, folder)))
    })
  }
}

function staticFiles(): Readonly<Record<string, { readonly file: URL; readonly type: string }>> {
  const ours = (name: string, type: string) => ({ file: new URL(name, PUBLIC_FOLDER), type })
  const uplot = join(dirname(createRequire(import.meta.url).resolve('uplot/package.json')), 'dist')
  const theirs = (name: string, type: string) => ({ file: pathToFileURL(join(uplot, name)), type })
  return {
    '/': ours('index.html', 'text/html'),
    '/login': ours('login.html', 'text/html'),
    '/favicon.svg': ours('favicon.svg', 'image/svg+xml'),
    ...Object.fromEntries(STYLE_SHEETS.map((name) => [`/ui/${name}`, ours(name, 'text/css')])),
    '/ui/uplot.css': theirs('uPlot.min.css', 'text/css'),
    '/ui/uplot.js': theirs('uPlot.esm.js', 'text/javascript'),
  }
}

/** The page names the compiled main module; in the source tree it is TypeScript. */
function fillIn(path: string, text: string, isWrongToken: boolean): string {
  if (path === '/') return text.replace('/ui/main.js', `/ui/main${EXTENSION}`)
  if (path === '/login' && isWrongToken)
    return text.replace('<!-- problem -->', '<p class="notice bad" role="alert">This is not the right token.</p>')
  return text
}

function isModule(file: string): boolean {
  return file.endsWith(EXTENSION) && !/\.(test|d)\.\w+$/.test(file)
}
