import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { Summary } from '../../contract/summary.ts'
import type { AppContext } from './app-context.ts'
import type { PageName } from './route.ts'

const MAX_PROJECTS = 10

/** A block of commands or code with a button that copies it. */
export function codeBlock(code: string): TemplateResult {
  return html`<div class="code-block"><pre tabindex="0">${code}</pre>${copyButton(() => code, 'button-small code-copy')}</div>`
}

/** A button that copies a text and confirms it. */
export function copyButton(text: () => string, className = '', label = 'Copy'): TemplateResult {
  const onClick = ({ currentTarget }: Event): void => {
    if (currentTarget instanceof HTMLElement) void copy(text(), currentTarget)
  }
  return html`<button type="button" class="button ${className}" .textContent=${label} @click=${onClick}></button>`
}

async function copy(text: string, button: HTMLElement): Promise<void> {
  const before = button.textContent
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = 'Copied'
  } catch {
    button.textContent = 'Select the text and copy it'
  }
  setTimeout(() => {
    button.textContent = before
  }, 1600)
}

function portOf(address: string | undefined | null, otherwise: string): string {
  return /:(\d+)$/.exec(address ?? '')?.[1] ?? otherwise
}

/** Code that writes a first point with Google's client library. */
export function writerExample(summary: Summary | undefined): string {
  return `import { MetricServiceClient } from '@google-cloud/monitoring'
import { credentials } from '@grpc/grpc-js'

const client = new MetricServiceClient({
  apiEndpoint: '127.0.0.1',
  port: ${portOf(summary?.endpoints.grpc, '8086')},
  sslCreds: credentials.createInsecure(),
})
await client.createTimeSeries({
  name: 'projects/${summary?.project ?? 'demo-project'}',
  timeSeries: [{
    metric: { type: 'custom.googleapis.com/hello' },
    resource: { type: 'global' },
    points: [{
      interval: { endTime: { seconds: Math.floor(Date.now() / 1000) } },
      value: { doubleValue: 1 },
    }],
  }],
})`
}

/** The environment of an OTLP exporter that sends to this emulator. */
export function otlpExample(summary: Summary | undefined, signal: 'traces' | 'logs' = 'traces'): string {
  const http = portOf(summary?.endpoints.otlpHttp ?? summary?.endpoints.http, '8085')
  return `OTEL_${signal.toUpperCase()}_EXPORTER=otlp \\
OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${http} \\
OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf \\
node your-service.js`
}

/** Shown by a page without data: why it is empty, and what to run. */
export function emptyState(title: string, content: TemplateResult): TemplateResult {
  return html`<div class="empty-state">
    <h2>${title}</h2>
    ${content}
  </div>`
}

/** Links to the same page of other projects that have data. */
export function otherProjects(app: AppContext, page: PageName): TemplateResult | typeof nothing {
  const summary = app.summary()
  const others = (summary?.projects ?? []).filter((project) => project !== summary?.project).slice(0, MAX_PROJECTS)
  if (others.length === 0) return nothing
  const links = others.map(
    (project, index) =>
      html`${index === 0 ? '' : ', '}<a href=${app.link(page, undefined, { project })}>${project}</a>`,
  )
  return html`<p class="other-projects">
    This is the project ${summary?.project}. Other projects have data: ${links}.
  </p>`
}
