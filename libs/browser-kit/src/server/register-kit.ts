import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ServedText, servedText } from './module-source.ts'
import type { PageModules } from './page-modules.ts'

/** The kit's style sheet in order: the chart library's, theme, elements, and what pages are made of. */
const STYLES = ['theme', 'base', 'layout', 'controls', 'tables', 'states', 'charts']

/** Path of the kit's style sheet. */
export const KIT_STYLE_PATH = '/kit/style.css'

/** The text of the kit's style sheet. */
export async function readKitStyle(): Promise<string> {
  const uplot = join(dirname(createRequire(import.meta.url).resolve('uplot/package.json')), 'dist', 'uPlot.min.css')
  // Style sheets exist in the source tree only, even if the code runs from dist.
  const own = fileURLToPath(new URL('../../src/ui/public/', import.meta.url))
  const files = [uplot, ...STYLES.map((name) => join(own, `${name}.css`))]
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n')
}

/** Answers with a text that browsers keep as long as it is the same. */
export function answerText(
  request: FastifyRequest,
  reply: FastifyReply,
  type: string,
  { text, etag }: ServedText,
): FastifyReply {
  reply.header('cache-control', 'no-cache').header('etag', etag).header('x-content-type-options', 'nosniff')
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  return reply.type(`${type}; charset=utf-8`).send(text)
}

/** Serves a page's modules, those of the kit and the kit's style sheet. */
export function registerKit(app: FastifyInstance, modules: PageModules, prefixes: readonly string[]): void {
  app.get(KIT_STYLE_PATH, async (request, reply) =>
    answerText(request, reply, 'text/css', servedText(await readKitStyle())),
  )
  for (const prefix of ['/kit/', ...prefixes]) {
    app.get<{ Params: { '*': string } }>(`${prefix}*`, async (request, reply) => {
      const module = await modules.read(prefix + request.params['*'])
      if (module === undefined) return reply.callNotFound()
      return answerText(request, reply, 'text/javascript', module)
    })
  }
}

/** The import map as a script of a page, and the source that its policy allows for it. */
export function importMapScript(modules: PageModules): { readonly html: string; readonly policySource: string } {
  const text = JSON.stringify(modules.importMap)
  const hash = createHash('sha256').update(text).digest('base64')
  return { html: `<script type="importmap">${text}</script>`, policySource: `'sha256-${hash}'` }
}
