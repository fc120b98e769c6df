import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  importMapScript,
  KIT_STYLE_PATH,
  openPageModules,
  type PageModules,
  registerKit,
} from '@node-to-cloud/browser-kit'
import type { FastifyInstance } from 'fastify'

/** Static files exist in the source tree only, even if the code runs from dist. */
const PUBLIC_FOLDER = new URL('../../src/ui/public/', import.meta.url)

const OWN_STYLE_SHEETS = readdirSync(fileURLToPath(PUBLIC_FOLDER)).filter((name) => name.endsWith('.css'))

/** Paths of the style sheets; they are public, because the sign-in page uses them. */
export const STYLE_PATHS: readonly string[] = [KIT_STYLE_PATH, ...OWN_STYLE_SHEETS.map((name) => `/ui/${name}`)]

/** Opens the modules of the console. */
export function openConsoleModules(): Promise<PageModules> {
  return openPageModules({
    '/ui/': new URL('../ui/browser/', import.meta.url),
    '/contract/': new URL('../contract/', import.meta.url),
  })
}

/** Serves the console: its pages, its modules, and the kit's. */
export function addUiRoutes(app: FastifyInstance, modules: PageModules): void {
  for (const [path, { file, type }] of Object.entries(staticFiles())) {
    app.get<{ Querystring: { wrong?: string } }>(path, async ({ query }, reply) => {
      const text = await readFile(new URL(file, PUBLIC_FOLDER), 'utf8')
      return reply.type(`${type}; charset=utf-8`).send(await fillIn(path, text, modules, query.wrong !== undefined))
    })
  }
  registerKit(app, modules, ['/ui/', '/contract/'])
}

function staticFiles(): Readonly<Record<string, { readonly file: string; readonly type: string }>> {
  return {
    '/': { file: 'index.html', type: 'text/html' },
    '/login': { file: 'login.html', type: 'text/html' },
    '/favicon.svg': { file: 'favicon.svg', type: 'image/svg+xml' },
    ...Object.fromEntries(OWN_STYLE_SHEETS.map((name) => [`/ui/${name}`, { file: name, type: 'text/css' }])),
  }
}

/** The page gets its import map and its modules, which the browser fetches at once instead of one after another. */
async function fillIn(path: string, text: string, modules: PageModules, isWrongToken: boolean): Promise<string> {
  if (path === '/') {
    const main = `/ui/main${modules.extension}`
    const preloads = (await modules.importedBy(main)).map((module) => `<link rel="modulepreload" href="${module}">`)
    return text
      .replace('<!-- import map -->', [importMapScript(modules).html, ...preloads].join('\n'))
      .replace('/ui/main.js', main)
  }
  if (path === '/login' && isWrongToken)
    return text.replace('<!-- problem -->', '<p class="notice bad" role="alert">This is not the right token.</p>')
  return text
}
