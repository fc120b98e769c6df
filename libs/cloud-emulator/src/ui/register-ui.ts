import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { openModuleSource, type ServedText, servedText } from './module-source.ts'
import { buildShellPage } from './shell-page.ts'

const require = createRequire(import.meta.url)

/** Where each file under `/assets/` comes from. The library's are served as they were published. */
function assetFiles(): Record<string, { file: string; type: string }> {
  const uplot = join(dirname(require.resolve('uplot/package.json')), 'dist')
  const own = fileURLToPath(new URL('../../src/ui/public/', import.meta.url))
  return {
    'style.css': { file: join(own, 'style.css'), type: 'text/css; charset=utf-8' },
    'icon.svg': { file: join(own, 'icon.svg'), type: 'image/svg+xml' },
    'uplot.css': { file: join(uplot, 'uPlot.min.css'), type: 'text/css; charset=utf-8' },
    'uplot.js': { file: join(uplot, 'uPlot.esm.js'), type: 'text/javascript; charset=utf-8' },
  }
}

/** Answers a text, or 304 where the browser has it already. */
function answer(request: FastifyRequest, reply: FastifyReply, type: string, { text, etag }: ServedText): FastifyReply {
  reply.header('cache-control', 'no-cache').header('etag', etag).header('x-content-type-options', 'nosniff')
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  return reply.type(type).send(text)
}

/**
 * Serves the web UI: the page at `/`, its modules below `/browser/`, styles and the chart library below `/assets/`.
 * Works from `src/ui` (TypeScript, types blanked out on the fly) and from `dist/ui` (what `tsc -b` emitted).
 */
export async function registerUi(app: FastifyInstance): Promise<void> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const modules = await openModuleSource(fileURLToPath(new URL('./browser/', import.meta.url)), extension)
  const { html, contentSecurityPolicy } = buildShellPage(modules.paths, extension)
  const page = servedText(html)
  const assets = assetFiles()

  app.get('/', (request, reply) => {
    reply
      .header('content-security-policy', contentSecurityPolicy)
      .header('referrer-policy', 'no-referrer')
      .header('x-frame-options', 'DENY')
    return answer(request, reply, 'text/html; charset=utf-8', page)
  })

  app.get<{ Params: { '*': string } }>('/browser/*', async (request, reply) => {
    const path = request.params['*']
    if (!modules.paths.includes(path)) return reply.callNotFound()
    return answer(request, reply, 'text/javascript; charset=utf-8', await modules.read(path))
  })

  app.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
    const asset = Object.hasOwn(assets, request.params.name) ? assets[request.params.name] : undefined
    if (asset === undefined) return reply.callNotFound()
    return answer(request, reply, asset.type, servedText(await readFile(asset.file, 'utf8')))
  })

  app.get('/favicon.ico', (_request, reply) => reply.redirect('/assets/icon.svg', 301))
}
