import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatDuration } from '@node-to-cloud/browser-kit/format/duration'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import type { StateView } from '../../contract/api.ts'
import type { RunReport, RunState } from '../../contract/run-report.ts'
import { api } from './api.ts'

interface BarEvents {
  readonly onNew: () => void
  readonly onEdit: () => void
  readonly onTheme: () => void
  /** Runs the action of a button, which is disabled until it has finished. */
  readonly onAct: (act: () => Promise<unknown>, button: HTMLButtonElement) => void
}

const PILLS: Readonly<Record<RunState, string>> = {
  running: 'good live',
  paused: 'warn',
  preparing: 'warn live',
  stopping: 'warn live',
  finished: '',
  failed: 'bad',
}

/** The bar at the top: the run's state and controls. */
export function controlBar(
  { present, isLost, run }: { readonly present: number; readonly isLost: boolean; readonly run: RunReport | undefined },
  events: BarEvents,
): TemplateResult {
  const workers = `${present} ${plural(present, 'worker')}`
  const about =
    run === undefined ? workers : `${run.script} → ${run.target} · ${formatDuration(run.durationSeconds)} · ${workers}`
  const pill = isLost ? 'bad' : run === undefined ? '' : PILLS[run.state]
  return html`<div class="bar-inner">
    <h1 class="brand"><img src="/favicon.svg" alt="" width="26" height="26" />Load tester</h1>
    <span class="pill ${pill}" role="status">${isLost ? 'no connection' : (run?.state ?? 'ready')}</span>
    <span class="about" title=${about}>${about}</span>
    <div class="controls">
      ${isLost ? '' : buttonsFor(run, events)}
      <button type="button" class="quiet theme" aria-label="Switch between light and dark" title="Light or dark" @click=${events.onTheme}>◐</button>
    </div>
  </div>`
}

function buttonsFor(run: RunReport | undefined, { onEdit, onNew, onAct }: BarEvents): readonly TemplateResult[] {
  const plain = (label: string, onClick: () => void, kind = ''): TemplateResult =>
    html`<button type="button" class=${kind} @click=${onClick}>${label}</button>`
  const action = (label: string, act: () => Promise<unknown>, kind = ''): TemplateResult =>
    html`<button
      type="button"
      class=${kind}
      @click=${({ currentTarget }: Event) => currentTarget instanceof HTMLButtonElement && onAct(act, currentTarget)}
    >
      ${label}
    </button>`
  const edit = plain('Edit', onEdit)
  const stop = action('Stop', api.stop, 'danger')
  switch (run?.state) {
    case 'running':
      return [edit, action('Pause', api.pause), action('Reset', api.reset), stop]
    case 'paused':
      return [edit, action('Resume', api.resume, 'primary'), stop]
    case 'preparing':
      return [stop]
    case 'finished':
    case 'failed':
      return [plain('New test', onNew, 'primary')]
    default:
      return []
  }
}

/** The number of workers that are there. */
export function presentWorkers({ workers }: StateView): number {
  return workers.filter(({ state }) => state !== 'lost' && state !== 'left').length
}
