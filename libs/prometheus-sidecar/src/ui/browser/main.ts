import { html, nothing, render, repeat } from '@node-to-cloud/browser-kit/browser/view'
import { formatClock, timeZoneName } from '@node-to-cloud/browser-kit/format/time'
import type { Status, StatusSection } from '../../contract/status.ts'

const REFRESH_MS = 5000
const TIMEOUT_MS = 20_000

function sectionView({ title, rows }: StatusSection) {
  return html`<section class="card">
    <h2>${title}</h2>
    <table class="facts-table">
      <tbody>
        ${repeat(
          rows,
          ([name]) => name,
          ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`,
        )}
      </tbody>
    </table>
  </section>`
}

function pageView(status: Status, problem: string | undefined, updatedMs: number) {
  const ready = status.notReady.length === 0
  return html`<p class="status-line" role="status">
      <span class="pill ${ready ? 'good' : 'warn'}">${ready ? 'ready' : 'not ready'}</span>
      <span class="muted">as of ${formatClock(updatedMs)} ${timeZoneName()}</span>
    </p>
    ${problem ? html`<p class="notice bad" role="alert">${problem}</p>` : nothing}
    ${status.notReady.map((reason) => html`<p class="notice">${reason}</p>`)}
    ${repeat(
      status.sections,
      ({ title }) => title,
      (section) => sectionView(section),
    )}`
}

async function readStatus(): Promise<Status> {
  const response = await fetch('/api/status', { signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new Error(`The sidecar answered with ${response.status}.`)
  return await response.json()
}

/** Shows the status, and what has changed every five seconds while the page can be seen. */
async function run(host: HTMLElement): Promise<void> {
  let status: Status | undefined
  let updatedMs = Date.now()
  for (;;) {
    let problem: string | undefined
    if (document.visibilityState === 'visible') {
      try {
        const next = await readStatus()
        // What the server had rendered makes room.
        if (status === undefined) host.replaceChildren()
        status = next
        updatedMs = Date.now()
      } catch {
        problem = 'The sidecar does not answer. This page tries again.'
      }
      if (status !== undefined) render(pageView(status, problem, updatedMs), host)
    }
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS))
  }
}

const host = document.getElementById('status')
if (host !== null) void run(host)
