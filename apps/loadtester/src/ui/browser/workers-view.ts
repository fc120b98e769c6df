import type { StateView, WorkerState, WorkerView } from '../../contract/api.ts'
import { card, element } from './element.ts'
import { formatBytes, formatCount, formatMs, formatPercent } from './format.ts'
import { type Column, numberColumn, table } from './table.ts'

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
    cell: ({ state, message }) =>
      element('span', { class: `pill ${PILLS[state]}`, text: state, attributes: { title: message } }),
  },
  numberColumn('Users', (worker) => worker.users, formatCount),
  numberColumn('In flight', (worker) => worker.inFlight, formatCount),
  { title: 'Engine busy', cell: (worker) => meter(worker.utilization), className: 'number' },
  {
    title: 'CPU',
    cell: ({ cpuCores, weight }) => `${cpuCores.toFixed(2)} of ${weight.toFixed(weight % 1 === 0 ? 0 : 1)}`,
    className: 'number',
  },
  numberColumn('Start lag p99', (worker) => worker.lagP99, formatMs),
  numberColumn('Memory', (worker) => worker.memoryBytes, formatBytes),
  { title: 'Version', cell: (worker) => worker.version },
]

/** The workers, including those that are gone. */
export function renderWorkers({ workers }: StateView): HTMLElement {
  return card(
    'Workers',
    workers.length === 0
      ? element('p', { class: 'empty', text: 'There is no worker yet. Start one with: loadtester worker --master URL' })
      : table(COLUMNS, workers, { caption: 'Workers' }),
    ...workers
      .filter(({ message }) => message !== undefined && message !== '')
      .map(({ name, message }) => element('p', { class: 'notice', text: `${name}: ${message ?? ''}` })),
  )
}

function meter(share: number): HTMLElement {
  const bar = element('i')
  bar.style.width = `${Math.min(100, share * 100).toFixed(0)}%`
  const isHot = share > BUSY_SHARE
  return element('span', {}, element('span', { class: `meter${isHot ? ' hot' : ''}` }, bar), formatPercent(share))
}
