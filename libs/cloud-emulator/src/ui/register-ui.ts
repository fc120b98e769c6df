import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { openModuleSource, type ServedText, servedText } from './module-source.ts'
import { buildShellPage, type ShellPage } from './shell-page.ts'

const require = createRequire(import.meta.url)

interface Asset {
  readonly files: readonly string[]
  readonly type: string
}

/** The style sheet's parts in order: theme, elements, what every page has, then the pages. */
const STYLES = [
  ...['theme', 'base', 'frame', 'controls', 'dashboard', 'chart', 'widgets', 'empty-state'],
  ...['metrics', 'traces', 'writes', 'help'],
]

/** The files behind each name under `/assets/`, joined in order. */
function assetFiles(): Record<string, Asset> {
  const uplot = join(dirname(require.resolve('uplot/package.json')), 'dist')
  const own = fileURLToPath(new URL('../../src/ui/public/', import.meta.url))
  return {
    'style.css': {
      files: [join(uplot, 'uPlot.min.css'), ...STYLES.map((name) => join(own, 'styles', `${name}.css`))],
      type: 'text/css; charset=utf-8',
    },
    'icon.svg': { files: [join(own, 'icon.svg')], type: 'image/svg+xml' },
    'uplot.js': { files: [join(uplot, 'uPlot.esm.js')], type: 'text/javascript; charset=utf-8' },
  }
}

function answer(request: FastifyRequest, reply: FastifyReply, type: string, { text, etag }: ServedText): FastifyReply {
  reply.header('cache-control', 'no-cache').header('etag', etag).header('x-content-type-options', 'nosniff')
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  return reply.type(type).send(text)
}

/** Serves the web UI: the page at `/`, its modules below `/browser/`, styles and the chart library below `/assets/`. */
export async function registerUi(app: FastifyInstance, options: { readonly project: string }): Promise<void> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const modules = await openModuleSource(fileURLToPath(new URL('./browser/', import.meta.url)), extension)
  const assets = assetFiles()

  let built: Promise<ShellPage> | undefined
  const buildPage = async (): Promise<ShellPage> =>
    buildShellPage({ modulePaths: await modules.importedBy(`main${extension}`), extension, project: options.project })
  const shellPage = (): Promise<ShellPage> => {
    built ??= buildPage()
    return built
  }
  // Reads the modules in advance, so that the first visitor doesn't wait.
  app.addHook('onListen', async () => {
    await shellPage()
  })

  app.get('/', async (request, reply) => {
    const { html, contentSecurityPolicy } = await shellPage()
    reply
      .header('content-security-policy', contentSecurityPolicy)
      .header('referrer-policy', 'no-referrer')
      .header('x-frame-options', 'DENY')
    return answer(request, reply, 'text/html; charset=utf-8', servedText(html))
  })

  app.get<{ Params: { '*': string } }>('/browser/*', async (request, reply) => {
    const path = request.params['*']
    if (!modules.paths.includes(path)) return reply.callNotFound()
    return answer(request, reply, 'text/javascript; charset=utf-8', await modules.read(path))
  })

  app.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
    const asset = Object.hasOwn(assets, request.params.name) ? assets[request.params.name] : undefined
    if (asset === undefined) return reply.callNotFound()
    const texts = await Promise.all(asset.files.map((file) => readFile(file, 'utf8')))
    return answer(request, reply, asset.type, servedText(texts.join('\n')))
  })

  app.get('/favicon.ico', (_request, reply) => reply.redirect('/assets/icon.svg', 301))
}
