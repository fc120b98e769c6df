import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { RunReport } from '../../../contract/run-report.ts'

const FILES: readonly { readonly file: string; readonly title: string; readonly hint: string }[] = [
  { file: 'report.html', title: 'Report', hint: 'HTML with charts, in one file' },
  { file: 'report.json', title: 'All figures', hint: 'JSON, with the timeline' },
  { file: 'stats.csv', title: 'Statistics', hint: 'CSV' },
  { file: 'failures.csv', title: 'Failures', hint: 'CSV' },
  { file: 'timeline.csv', title: 'Timeline', hint: 'CSV, one line per second' },
]

/** Links to the files of a run. */
export function downloadsView({ id }: RunReport): TemplateResult {
  return html`<section class="card">
    <h2>Downloads</h2>
    <ul class="downloads">
      ${FILES.map(({ file, title, hint }) => html`<li><a href="/api/runs/${id}/${file}" download>${title}<small>${hint}</small></a></li>`)}
    </ul>
  </section>`
}
