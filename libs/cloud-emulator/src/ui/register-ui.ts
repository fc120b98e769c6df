import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { answerText, PageScript, registerKit, servedText } from '@node-to-cloud/browser-kit'
import type { FastifyInstance } from 'fastify'
import { CONTENT_SECURITY_POLICY, EARLY_SCRIPT_PATH, shellPage } from './shell-page.ts'

/** The emulator's own parts of the style sheet, in order. */
const STYLES = ['dashboard', 'widgets', 'metrics', 'traces', 'logs', 'writes', 'alerts']
const PUBLIC = new URL('../../src/ui/public/', import.meta.url)

async function readStyle(): Promise<string> {
  const files = STYLES.map((name) => fileURLToPath(new URL(`styles/${name}.css`, PUBLIC)))
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n')
}

/** Serves the web UI: the page at `/`, its script and the kit's style below `/kit/`, its own style and icon, and the script that runs first, below `/assets/`. */
export async function registerUi(app: FastifyInstance, options: { readonly project: string }): Promise<void> {
  const script = new PageScript(new URL('./browser/main.ts', import.meta.url))
  const early = new PageScript(new URL('./browser/early.ts', import.meta.url), { path: EARLY_SCRIPT_PATH })
  const page = servedText(shellPage(options.project))
  // Joins the modules in advance, so that the first visitor doesn't wait.
  app.addHook('onListen', async () => {
    await Promise.all([script.read(), early.read()])
  })
  app.get('/', (request, reply) => {
    reply
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('referrer-policy', 'no-referrer')
      .header('x-frame-options', 'DENY')
    return answerText(request, reply, 'text/html', page)
  })
  registerKit(app, script, early)
  app.get('/assets/style.css', async (request, reply) =>
    answerText(request, reply, 'text/css', servedText(await readStyle())),
  )
  app.get('/assets/icon.svg', async (request, reply) =>
    answerText(request, reply, 'image/svg+xml', servedText(await readFile(new URL('icon.svg', PUBLIC), 'utf8'))),
  )
  app.get('/favicon.ico', (_request, reply) => reply.redirect('/assets/icon.svg', 301))
}
