import type { RunReport } from '../../../contract/run-report.ts'
import { card, element } from '../element.ts'

const FILES: readonly { readonly file: string; readonly title: string; readonly hint: string }[] = [
  { file: 'report.html', title: 'Report', hint: 'HTML with charts, in one file' },
  { file: 'report.json', title: 'All figures', hint: 'JSON, with the timeline' },
  { file: 'stats.csv', title: 'Statistics', hint: 'CSV' },
  { file: 'failures.csv', title: 'Failures', hint: 'CSV' },
  { file: 'timeline.csv', title: 'Timeline', hint: 'CSV, one line per second' },
]

/** Links to the files of a run. */
export function renderDownloads(run: RunReport): HTMLElement {
  const items = FILES.map(({ file, title, hint }) =>
    element(
      'li',
      {},
      element(
        'a',
        { attributes: { href: `/api/runs/${run.id}/${file}`, download: '' } },
        title,
        element('small', { text: hint }),
      ),
    ),
  )
  return card('Downloads', element('ul', { class: 'downloads' }, ...items))
}
