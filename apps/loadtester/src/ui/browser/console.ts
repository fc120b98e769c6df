import { applyTheme, storedTheme, switchedTheme } from '@node-to-cloud/browser-kit/browser/theme'
import { html, nothing, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { LogLine, StateView } from '../../contract/api.ts'
import type { RunReport } from '../../contract/run-report.ts'
import { api, messageOf } from './api.ts'
import { controlBar, presentWorkers } from './control-bar.ts'
import { figuresView } from './figures.ts'
import { openDialog } from './forms/dialog.ts'
import { openEditDialog } from './forms/edit-dialog.ts'
import { StartForm } from './forms/start-form.ts'
import { RunTimeline } from './run-timeline.ts'
import { needsRun, type Tab, type TabOfRun, type TabWithoutRun, tabOf, tabsView } from './tabs.ts'
import { ChartsView } from './views/charts-view.ts'
import { downloadsView } from './views/downloads-view.ts'
import { eventsView } from './views/events-view.ts'
import { failuresView } from './views/failures-view.ts'
import { HistoryView } from './views/history-view.ts'
import { ScriptView } from './views/script-view.ts'
import { statisticsView } from './views/statistics-view.ts'
import { workersView } from './views/workers-view.ts'

const POLL_MS = 1000

/** The console: the state of the load tester, read once a second, in the tab that the address names. */
export class Console {
  readonly #host: HTMLElement
  readonly #timeline = new RunTimeline()
  readonly #charts = new ChartsView()
  readonly #script = new ScriptView()
  readonly #history = new HistoryView()
  #state: StateView | undefined
  #run: RunReport | undefined
  #log: readonly LogLine[] = []
  #startForm: StartForm | undefined
  #problem = ''
  #isLost = false
  #shownTab: Tab | undefined
  /** What the history was read for: it is read again when this changes. */
  #historyOf = ''

  constructor(host: HTMLElement) {
    this.#host = host
    host.replaceChildren()
    addEventListener('hashchange', () => {
      this.#draw()
      if (this.#tab() === 'events') void this.#poll()
    })
  }

  /** Reads the state again and again, while somebody can see it. */
  async run(): Promise<never> {
    for (;;) {
      if (document.visibilityState === 'visible' || this.#state === undefined) await this.#poll()
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  #tab(): Tab {
    return tabOf(location.hash)
  }

  async #poll(): Promise<void> {
    try {
      let state = await api.state(this.#timeline.sinceMs)
      // A new run's timeline may start before the newest point of the previous one.
      if (state.run !== undefined && state.run.id !== this.#run?.id) state = await api.state(0)
      if (this.#tab() === 'events') this.#log = await api.log()
      this.#state = state
      this.#run = this.#timeline.complete(state)
      this.#isLost = false
      this.#problem = ''
    } catch (error) {
      this.#isLost = true
      this.#problem = `The load tester does not respond: ${messageOf(error)}. Trying again…`
    }
    this.#draw()
  }

  #draw(): void {
    const [state, run, tab] = [this.#state, this.#run, this.#tab()]
    document.title = run === undefined || run.endedMs !== undefined ? 'Load tester' : `${run.state} · Load tester`
    const present = state === undefined ? 0 : presentWorkers(state)
    const bar = controlBar(
      { present, isLost: this.#isLost, run },
      {
        onNew: () => this.#openStart(),
        onEdit: () => run && openEditDialog(run, () => void this.#poll()),
        onTheme: () => applyTheme(switchedTheme(storedTheme())),
        onAct: (act, button) => void this.#act(act, button),
      },
    )
    render(
      html`<header class="bar">
          ${bar} ${tabsView(tab, { failures: run?.failures ?? 0, workers: present })}
        </header>
        <main id="content">
          ${this.#problem === '' ? nothing : html`<p class="notice bad" role="alert">${this.#problem}</p>`}
          ${state === undefined ? nothing : this.#content(tab, state)}
        </main>`,
      this.#host,
    )
    if (tab === this.#shownTab) return
    this.#shownTab = tab
    const current = this.#host.querySelector('.tabs [aria-current]')
    current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }

  #content(tab: Tab, state: StateView): TemplateResult {
    const run = this.#run
    if (!needsRun(tab)) return html`<div>${this.#viewWithoutRun(tab, state)}</div>`
    // The form stays until the run has started, to show why it could not.
    if (run === undefined || (run.state === 'preparing' && this.#startForm)) return this.#startView(state)
    this.#startForm = undefined
    return html`<div>${figuresView(run)}</div>
      <div>${this.#viewOfRun(tab, run)}</div>`
  }

  #viewWithoutRun(tab: TabWithoutRun, state: StateView): TemplateResult | HTMLElement {
    switch (tab) {
      case 'workers':
        return workersView(state)
      case 'events':
        return eventsView(this.#run, this.#log)
      case 'script':
        this.#script.update(state)
        return this.#script.root
      case 'history':
        return this.#historyView()
    }
  }

  #historyView(): HTMLElement {
    const run = this.#run
    const of = `${location.hash} ${run?.id} ${run?.endedMs}`
    if (of !== this.#historyOf || this.#shownTab !== 'history') void this.#history.update(run)
    else this.#history.updateCurrent(run)
    this.#historyOf = of
    return this.#history.root
  }

  #viewOfRun(tab: TabOfRun, run: RunReport): TemplateResult | HTMLElement {
    switch (tab) {
      case 'failures':
        return failuresView(run)
      case 'downloads':
        return downloadsView(run)
      case 'statistics':
        return statisticsView(run, () => this.#draw())
      case 'charts':
        this.#charts.update(run)
        return this.#charts.root
    }
  }

  #startView(state: StateView): TemplateResult {
    this.#startForm ??= new StartForm(state, () => void this.#poll())
    return html`<section class="card start">
      <h2>Start a load test</h2>
      <p class="lead">Choose a script and a load. The load can be changed while the test runs.</p>
      ${this.#startForm.element}
    </section>`
  }

  #openStart(): void {
    const state = this.#state
    if (state === undefined) return
    openDialog('New test', (close) => {
      const started = (): void => {
        close()
        void this.#poll()
      }
      return new StartForm(state, started, close).element
    })
  }

  async #act(act: () => Promise<unknown>, button: HTMLButtonElement): Promise<void> {
    button.disabled = true
    try {
      await act()
      await this.#poll()
    } catch (error) {
      this.#problem = messageOf(error)
      this.#draw()
    }
    button.disabled = false
  }
}
