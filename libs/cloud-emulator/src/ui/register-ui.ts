import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { answerText, openPageModules, registerKit, servedText } from '@node-to-cloud/browser-kit'
import type { FastifyInstance } from 'fastify'
import { buildShellPage, type ShellPage } from './shell-page.ts'

/** The parts of the style sheet that are the emulator's own, in order. */
const STYLES = ['dashboard', 'widgets', 'metrics', 'traces', 'logs', 'writes', 'alerts']
const PUBLIC = new URL('../../src/ui/public/', import.meta.url)

async function readStyle(): Promise<string> {
  const files = STYLES.map((name) => fileURLToPath(new URL(`styles/${name}.css`, PUBLIC)))
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n')
}

/** Serves the web UI: the page at `/`, its modules below `/browser/` and `/kit/`, its style and icon below `/assets/`. */
export async function registerUi(app: FastifyInstance, options: { readonly project: string }): Promise<void> {
  const modules = await openPageModules({ '/browser/': new URL('./browser/', import.meta.url) })

  let built: Promise<ShellPage> | undefined
  const shellPage = (): Promise<ShellPage> => {
    built ??= buildShellPage(modules, options.project)
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
    return answerText(request, reply, 'text/html', servedText(html))
  })
  registerKit(app, modules, ['/browser/'])
  app.get('/assets/style.css', async (request, reply) =>
    answerText(request, reply, 'text/css', servedText(await readStyle())),
  )
  app.get('/assets/icon.svg', async (request, reply) =>
    answerText(request, reply, 'image/svg+xml', servedText(await readFile(new URL('icon.svg', PUBLIC), 'utf8'))),
  )
  app.get('/favicon.ico', (_request, reply) => reply.redirect('/assets/icon.svg', 301))
}
