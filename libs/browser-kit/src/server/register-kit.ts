import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ServedText, servedText } from './module-source.ts'
import type { PageScript } from './page-script.ts'

/** The parts of the kit's style sheet in order: the chart library's, theme, elements, and components. */
const STYLES = ['theme', 'base', 'layout', 'controls', 'tables', 'states', 'charts']

/** Path of the kit's style sheet. */
export const KIT_STYLE_PATH = '/kit/style.css'

/** The text of the kit's style sheet. */
export async function readKitStyle(): Promise<string> {
  const uplot = join(dirname(createRequire(import.meta.url).resolve('uplot/package.json')), 'dist', 'uPlot.min.css')
  // Style sheets exist only in the source tree, even if the code runs from dist.
  const own = fileURLToPath(new URL('../../src/ui/public/', import.meta.url))
  const files = [uplot, ...STYLES.map((name) => join(own, `${name}.css`))]
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n')
}

/** Responds with a string that browsers cache until it changes. */
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

/** Serves the kit's style sheet, and a page's scripts with their source maps. */
export function registerKit(app: FastifyInstance, ...scripts: readonly PageScript[]): void {
  app.get(KIT_STYLE_PATH, async (request, reply) =>
    answerText(request, reply, 'text/css', servedText(await readKitStyle())),
  )
  for (const script of scripts) {
    app.get(script.path, async (request, reply) =>
      answerText(request, reply, 'text/javascript', (await script.read()).script),
    )
    app.get(script.mapPath, async (request, reply) =>
      answerText(request, reply, 'application/json', (await script.read()).map),
    )
  }
}
