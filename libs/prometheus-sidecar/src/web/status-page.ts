import { KIT_STYLE_PATH, PAGE_SCRIPT_PATH, PageScript, registerKit } from '@node-to-cloud/browser-kit'
import type { FastifyInstance } from 'fastify'
import type { Status } from '../contract/status.ts'

/** The icon of the status page: a rising line. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#6b46d6"/><path d="M6 24l6-8 6 4 8-12" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>'

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Serves the status at `/`, `/statusz` and, for programs, `/api/status`. The page refreshes itself. */
export function registerStatusPage(server: FastifyInstance, read: () => Status): void {
  registerKit(server, new PageScript(new URL('../ui/browser/main.ts', import.meta.url)))
  server.get('/favicon.svg', async (_request, reply) => reply.type('image/svg+xml').send(ICON))
  server.get('/api/status', async (_request, reply) => reply.header('cache-control', 'no-store').send(read()))
  for (const path of ['/', '/statusz']) {
    server.get(path, async (_request, reply) =>
      reply
        .header('content-security-policy', POLICY)
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(statusHtml(read())),
    )
  }
}

/** The page with the current status; it also works without scripts: then it reloads every ten seconds. */
function statusHtml({ notReady, sections }: Status): string {
  const tables = sections.map(
    ({ title, rows }) =>
      `<section class="card">\n<h2>${escapeHtml(title)}</h2>\n<table class="facts-table">\n${rows
        .map(([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`)
        .join('\n')}\n</table>\n</section>`,
  )
  const state = notReady.length === 0 ? 'ready' : `not ready: ${escapeHtml(notReady.join('; '))}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<noscript><meta http-equiv="refresh" content="10"></noscript>
<title>prometheus-sidecar</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${KIT_STYLE_PATH}">
<script type="module" src="${PAGE_SCRIPT_PATH}"></script>
</head>
<body>
<header class="top">
<div class="top-row">
<a class="brand" href="/"><img src="/favicon.svg" width="24" height="24" alt=""><span>prometheus-sidecar</span></a>
<nav class="nav" aria-label="Other pages"><a class="nav-link" href="/metrics">/metrics</a><a class="nav-link" href="/healthz">/healthz</a><a class="nav-link" href="/readyz">/readyz</a></nav>
</div>
</header>
<main class="page page-narrow">
<h1>Status</h1>
<div id="status" class="stack">
<p class="status-line" role="status">${state}</p>
${tables.join('\n')}
</div>
</main>
</body>
</html>
`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
}
