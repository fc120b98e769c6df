import { type Column, numberColumn, table } from '@node-to-cloud/browser-kit/browser/table'
import { html, ifDefined, ref, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatBytes, formatCount, formatDurationMs, formatPercent } from '@node-to-cloud/browser-kit/format/value'
import type { StateView, WorkerState, WorkerView } from '../../../contract/api.ts'

const PILLS: Readonly<Record<WorkerState, string>> = {
  running: 'good live',
  ready: 'good',
  idle: '',
  preparing: 'warn',
  stopping: 'warn',
  failed: 'bad',
  lost: 'bad',
  left: '',
}

/** An engine that is busier than this may be the bottleneck. */
const BUSY_SHARE = 0.95

const COLUMNS: readonly Column<WorkerView>[] = [
  { title: 'Worker', cell: (worker) => worker.name, className: 'name' },
  {
    title: 'State',
    cell: ({ state, message }) => html`<span class="pill ${PILLS[state]}" title=${ifDefined(message)}>${state}</span>`,
  },
  numberColumn('Users', (worker) => worker.users, formatCount),
  numberColumn('In flight', (worker) => worker.inFlight, formatCount),
  { title: 'Engine busy', cell: (worker) => meter(worker.utilization), className: 'number' },
  {
    title: 'CPU',
    cell: ({ cpuCores, weight }) => `${cpuCores.toFixed(2)} of ${weight.toFixed(weight % 1 === 0 ? 0 : 1)}`,
    className: 'number',
  },
  numberColumn('Start lag p99', (worker) => worker.lagP99, formatDurationMs),
  numberColumn('Memory', (worker) => worker.memoryBytes, formatBytes),
  { title: 'Version', cell: (worker) => worker.version },
]

/** The workers, including those that are gone. */
export function workersView({ workers }: StateView): TemplateResult {
  const withMessage = workers.filter(({ message }) => message !== undefined && message !== '')
  return html`<section class="card">
    <h2>Workers</h2>
    ${
      workers.length === 0
        ? html`<p class="empty">There is no worker yet. Start one with: loadtester worker --master URL</p>`
        : table(COLUMNS, workers, { caption: 'Workers', key: ({ name }) => name })
    }
    ${withMessage.map(({ name, message }) => html`<p class="notice">${name}: ${message}</p>`)}
  </section>`
}

function meter(share: number): TemplateResult {
  const fill = (bar: Element | undefined): void => {
    if (bar instanceof HTMLElement) bar.style.width = `${Math.min(100, share * 100).toFixed(0)}%`
  }
  return html`<span class=${share > BUSY_SHARE ? 'meter hot' : 'meter'}><i ${ref(fill)}></i></span>${formatPercent(share)}`
}
