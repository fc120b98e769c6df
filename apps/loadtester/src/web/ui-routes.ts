import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { readBrowserModule } from '../ui/module-source.ts'

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
/** Folders of browser modules, by the path under which a page imports them: as they stand in the repository. */
const moduleFolders: Readonly<Record<string, URL>> = {
  '/ui': new URL('../ui/browser/', import.meta.url),
  '/contract': new URL('../contract/', import.meta.url),
}
/** Files that are no code stand in the sources only, also where the code runs from dist. */
const publicFolder = new URL('../../src/ui/public/', import.meta.url)

/** The style sheets; they may be had without the token, since the sign-in page has them too. */
export const styleSheets: readonly string[] = readdirSync(fileURLToPath(publicFolder)).filter((name) =>
  name.endsWith('.css'),
)

/** Serves the UI: its pages, its modules under `/ui/`, and the chart library. */
export function addUiRoutes(app: FastifyInstance): void {
  const uplot = join(dirname(createRequire(import.meta.url).resolve('uplot/package.json')), 'dist')
  const files: Readonly<Record<string, { readonly file: URL; readonly type: string }>> = {
    '/': { file: new URL('index.html', publicFolder), type: 'text/html; charset=utf-8' },
    '/login': { file: new URL('login.html', publicFolder), type: 'text/html; charset=utf-8' },
    ...Object.fromEntries(
      styleSheets.map((name) => [
        `/ui/${name}`,
        { file: new URL(name, publicFolder), type: 'text/css; charset=utf-8' },
      ]),
    ),
    '/favicon.svg': { file: new URL('favicon.svg', publicFolder), type: 'image/svg+xml' },
    '/ui/uplot.css': { file: pathToFileURL(join(uplot, 'uPlot.min.css')), type: 'text/css; charset=utf-8' },
    '/ui/uplot.js': { file: pathToFileURL(join(uplot, 'uPlot.esm.js')), type: 'text/javascript; charset=utf-8' },
  }
  for (const [path, { file, type }] of Object.entries(files)) {
    app.get<{ Querystring: { wrong?: string } }>(path, async ({ query }, reply) => {
      const text = await readFile(file, 'utf8')
      return reply.type(type).send(fillIn(path, text, query.wrong !== undefined))
    })
  }
  for (const [path, folder] of Object.entries(moduleFolders)) {
    const modules = new Set(readdirSync(fileURLToPath(folder)).filter(isModule))
    app.get<{ Params: { name: string } }>(`${path}/:name`, async ({ params }, reply) => {
      if (!modules.has(params.name)) return reply.callNotFound()
      return reply.type('text/javascript; charset=utf-8').send(await readBrowserModule(new URL(params.name, folder)))
    })
  }
}

/** The pages name the first module as it is emitted; in the repository it is TypeScript. */
function fillIn(path: string, text: string, wrongToken: boolean): string {
  if (path === '/') return text.replace('/ui/main.js', `/ui/main${extension}`)
  if (path === '/login' && wrongToken)
    return text.replace('<!-- problem -->', '<p class="notice bad" role="alert">That token is not the right one.</p>')
  return text
}

function isModule(file: string): boolean {
  return file.endsWith(extension) && !/\.(test|d)\.\w+$/.test(file)
}
