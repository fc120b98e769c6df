import type { StateView, WorkerView } from '../../contract/api.ts'
import { element } from './element.ts'
import { formatBytes, formatCount, formatMs, formatPercent } from './format.ts'
import { type Column, table } from './table.ts'

const kinds: Readonly<Record<string, string>> = {
  running: 'good live',
  ready: 'good',
  idle: '',
  preparing: 'warn',
  stopping: 'warn',
  failed: 'bad',
  lost: 'bad',
  left: '',
}

const columns: readonly Column<WorkerView>[] = [
  { title: 'Worker', cell: (worker) => worker.name, className: 'name' },
  {
    title: 'State',
    cell: (worker) =>
      element('span', {
        class: `pill ${kinds[worker.state] ?? ''}`,
        text: worker.state,
        attributes: { title: worker.message },
      }),
  },
  { title: 'Users', cell: (worker) => formatCount(worker.users), className: 'number' },
  { title: 'On the way', cell: (worker) => formatCount(worker.inFlight), className: 'number' },
  { title: 'Engine busy', cell: (worker) => meter(worker.utilization, 0.95), className: 'number' },
  {
    title: 'CPU',
    cell: (worker) => `${worker.cpuCores.toFixed(2)} of ${worker.weight.toFixed(worker.weight % 1 === 0 ? 0 : 1)}`,
    className: 'number',
  },
  { title: 'Start lag p99', cell: (worker) => formatMs(worker.lagP99), className: 'number' },
  { title: 'Memory', cell: (worker) => formatBytes(worker.memoryBytes), className: 'number' },
  { title: 'Version', cell: (worker) => worker.version },
]

/** The workers, those that are gone too. */
export function renderWorkers(state: StateView): HTMLElement {
  const troubled = state.workers.filter((worker) => worker.message !== undefined && worker.message !== '')
  return element(
    'section',
    { class: 'card' },
    element('h2', { text: 'Workers' }),
    state.workers.length === 0
      ? element('p', { class: 'empty', text: 'No worker has come yet. Start one with: loadtester worker --master URL' })
      : table(columns, state.workers, { caption: 'Workers' }),
    ...troubled.map((worker) => element('p', { class: 'notice', text: `${worker.name}: ${worker.message ?? ''}` })),
  )
}

function meter(share: number, bound: number): HTMLElement {
  const bar = element('i')
  bar.style.width = `${Math.min(100, share * 100).toFixed(0)}%`
  return element(
    'span',
    {},
    element('span', { class: `meter${share > bound ? ' hot' : ''}` }, bar),
    formatPercent(share),
  )
}
