import { formatDuration } from '@node-to-cloud/browser-kit/format/duration'
import type { StateView } from '../../contract/api.ts'
import type { RunReport, RunState } from '../../contract/run-report.ts'
import { api, messageOf } from './api.ts'
import { button, element, replace } from './element.ts'

export interface ControlBarOptions {
  readonly onNew: () => void
  readonly onEdit: () => void
  readonly onTheme: () => void
  readonly onChanged: () => void
  readonly onProblem: (message: string) => void
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
export class ControlBar {
  readonly root: HTMLElement
  readonly #options: ControlBarOptions
  readonly #state = element('span', { class: 'pill', attributes: { role: 'status' } })
  readonly #about = element('span', { class: 'about' })
  readonly #controls = element('div', { class: 'controls' })
  #shown = ''

  constructor(options: ControlBarOptions) {
    this.#options = options
    this.root = element(
      'div',
      { class: 'bar-inner' },
      element(
        'h1',
        { class: 'brand' },
        element('img', { attributes: { src: '/favicon.svg', alt: '', width: '26', height: '26' } }),
        'Load tester',
      ),
      this.#state,
      this.#about,
      this.#controls,
    )
  }

  update(state: StateView, run: RunReport | undefined): void {
    const present = state.workers.filter((worker) => worker.state !== 'lost' && worker.state !== 'left').length
    this.#state.className = `pill ${run === undefined ? '' : PILLS[run.state]}`
    this.#state.textContent = run === undefined ? 'ready' : run.state
    const workers = `${present} worker${present === 1 ? '' : 's'}`
    this.#about.textContent =
      run === undefined
        ? workers
        : `${run.script} → ${run.target} · ${formatDuration(run.durationSeconds)} · ${workers}`
    const shown = run?.state ?? 'none'
    if (shown === this.#shown) return
    this.#shown = shown
    replace(this.#controls, ...this.#buttonsFor(run), this.#theme())
  }

  /** Shows that the master does not answer. */
  showLost(): void {
    this.#state.className = 'pill bad'
    this.#state.textContent = 'no connection'
    this.#shown = ''
  }

  #buttonsFor(run: RunReport | undefined): HTMLElement[] {
    const { onEdit, onNew } = this.#options
    switch (run?.state) {
      case 'running':
        return [
          button('Edit', onEdit),
          this.#action('Pause', api.pause),
          this.#action('Reset', api.reset),
          this.#action('Stop', api.stop, 'danger'),
        ]
      case 'paused':
        return [
          button('Edit', onEdit),
          this.#action('Resume', api.resume, 'primary'),
          this.#action('Stop', api.stop, 'danger'),
        ]
      case 'preparing':
        return [this.#action('Stop', api.stop, 'danger')]
      case 'finished':
      case 'failed':
        return [button('New test', onNew, 'primary')]
      default:
        return []
    }
  }

  #action(label: string, act: () => Promise<unknown>, className = ''): HTMLButtonElement {
    const control = button(
      label,
      () => {
        control.disabled = true
        act()
          .then(this.#options.onChanged, (error: unknown) => this.#options.onProblem(messageOf(error)))
          .finally(() => {
            control.disabled = false
          })
      },
      className,
    )
    return control
  }

  #theme(): HTMLButtonElement {
    const control = button('◐', this.#options.onTheme, 'quiet theme')
    control.setAttribute('aria-label', 'Switch between light and dark')
    control.title = 'Light or dark'
    return control
  }
}
