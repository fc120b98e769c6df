import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { KIT_STYLE_PATH, PageScript, registerKit } from '@node-to-cloud/browser-kit'
import type { FastifyInstance } from 'fastify'

/** Static files exist in the source tree only, even if the code runs from dist. */
const PUBLIC_FOLDER = new URL('../../src/ui/public/', import.meta.url)

const OWN_STYLE_SHEETS = readdirSync(fileURLToPath(PUBLIC_FOLDER)).filter((name) => name.endsWith('.css'))

/** Paths of the style sheets; they are public, because the sign-in page uses them. */
export const STYLE_PATHS: readonly string[] = [KIT_STYLE_PATH, ...OWN_STYLE_SHEETS.map((name) => `/ui/${name}`)]

/** Serves the console: its pages, its script, and the kit's style. */
export function addUiRoutes(app: FastifyInstance): void {
  for (const [path, { file, type }] of Object.entries(staticFiles())) {
    app.get<{ Querystring: { wrong?: string } }>(path, async ({ query }, reply) => {
      const text = await readFile(new URL(file, PUBLIC_FOLDER), 'utf8')
      return reply
        .type(`${type}; charset=utf-8`)
        .send(path === '/login' && query.wrong !== undefined ? withProblem(text) : text)
    })
  }
  registerKit(app, new PageScript(new URL('../ui/browser/main.ts', import.meta.url)))
}

function staticFiles(): Readonly<Record<string, { readonly file: string; readonly type: string }>> {
  return {
    '/': { file: 'index.html', type: 'text/html' },
    '/login': { file: 'login.html', type: 'text/html' },
    '/favicon.svg': { file: 'favicon.svg', type: 'image/svg+xml' },
    ...Object.fromEntries(OWN_STYLE_SHEETS.map((name) => [`/ui/${name}`, { file: name, type: 'text/css' }])),
  }
}

function withProblem(signIn: string): string {
  return signIn.replace('<!-- problem -->', '<p class="notice bad" role="alert">This is not the right token.</p>')
}
