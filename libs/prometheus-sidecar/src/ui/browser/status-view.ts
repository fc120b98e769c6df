import { html, nothing, repeat, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatClock, timeZoneName } from '@node-to-cloud/browser-kit/format/time'
import type { Status, StatusSection } from '../../contract/status.ts'

function sectionView({ title, rows }: StatusSection): TemplateResult {
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

/** The status at a point in time; `problem` says why it is not newer. */
export function statusView(status: Status, problem: string | undefined, updatedMs: number): TemplateResult {
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
