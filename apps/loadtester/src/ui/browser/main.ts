import { applyTheme, followSystemTheme, storedTheme, switchedTheme } from '@node-to-cloud/browser-kit/browser/theme'
import { render as renderView, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { StateView } from '../../contract/api.ts'
import type { RunReport } from '../../contract/run-report.ts'
import { api, messageOf } from './api.ts'
import { ControlBar } from './control-bar.ts'
import { openEditDialog } from './edit-dialog.ts'
import { element, openDialog, replace } from './element.ts'
import { Figures } from './figures.ts'
import { RunTimeline } from './run-timeline.ts'
import { createStartForm } from './start-form.ts'
import { ChartsView } from './views/charts-view.ts'
import { renderDownloads } from './views/downloads-view.ts'
import { EventsView } from './views/events-view.ts'
import { failuresView } from './views/failures-view.ts'
import { HistoryView } from './views/history-view.ts'
import { ScriptView } from './views/script-view.ts'
import { statisticsView } from './views/statistics-view.ts'
import { workersView } from './views/workers-view.ts'

const TABS = ['statistics', 'charts', 'failures', 'workers', 'script', 'history', 'downloads', 'events'] as const
type Tab = (typeof TABS)[number]

const TITLES: Readonly<Record<Tab, string>> = {
  statistics: 'Statistics',
  charts: 'Charts',
  failures: 'Failures',
  workers: 'Workers',
  script: 'Script',
  history: 'History',
  downloads: 'Downloads',
  events: 'Events',
}

const POLL_MS = 1000

applyTheme(storedTheme())
followSystemTheme()
const timeline = new RunTimeline()
const figures = new Figures()
const charts = new ChartsView()
const scriptView = new ScriptView()
const historyView = new HistoryView()
const eventsView = new EventsView()
const problem = element('p', { class: 'notice bad', attributes: { role: 'alert', hidden: '' } })
const view = element('div')
/** What each tab with tables renders into; it stays, so that an update keeps focus and selection. */
const hosts = new Map<Tab, HTMLElement>()
const main = element('main', { attributes: { id: 'content' } }, problem, figures.root, view)
const nav = element('nav', { class: 'tabs', attributes: { 'aria-label': 'Views' } })
const bar = new ControlBar({
  onNew: () => openStart(),
  onEdit: () => run !== undefined && openEditDialog(run, () => void poll()),
  onTheme: () => {
    applyTheme(switchedTheme(storedTheme()))
  },
  onChanged: () => void poll(),
  onProblem: showProblem,
})
let state: StateView | undefined
let run: RunReport | undefined
let shownRun: string | undefined
let shownTab: Tab | undefined
let shownEndMs: number | undefined
let shownHash = ''
let isStartShown = false

const app = document.getElementById('app')
if (app !== null) replace(app, element('header', { class: 'bar' }, bar.root, nav), main)
addEventListener('hashchange', () => render())
void pollForever()

async function pollForever(): Promise<void> {
  for (;;) {
    if (document.visibilityState === 'visible' || state === undefined) await poll()
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

async function poll(): Promise<void> {
  try {
    state = await api.state(timeline.sinceMs)
    // A new run's timeline may start before the newest point of the previous one.
    if (state.run !== undefined && state.run.id !== run?.id) state = await api.state(0)
    run = timeline.complete(state)
    problem.hidden = true
    render()
  } catch (error) {
    bar.showLost()
    showProblem(`The load tester does not answer: ${messageOf(error)}. Trying again…`)
  }
}

function currentTab(): Tab {
  const wanted = location.hash.slice(1).split('?', 1)[0]
  return TABS.find((tab) => tab === wanted) ?? 'statistics'
}

function render(): void {
  if (state === undefined) return
  const tab = currentTab()
  bar.update(state, run)
  renderTabs(tab)
  document.title = run === undefined || run.endedMs !== undefined ? 'Load tester' : `${run.state} · Load tester`
  const needsRun = tab !== 'script' && tab !== 'history' && tab !== 'workers' && tab !== 'events'
  figures.root.hidden = run === undefined || !needsRun
  // The form stays until the run has started, to show why it could not.
  if (run?.state === 'preparing' && needsRun && shownTab === tab && isStartShown) {
    figures.root.hidden = true
    return
  }
  if (run !== undefined) figures.update(run)
  const changed = tab !== shownTab || run?.id !== shownRun || run?.endedMs !== shownEndMs
  shownTab = tab
  shownRun = run?.id
  shownEndMs = run?.endedMs
  if (run === undefined && needsRun) {
    if (changed || !isStartShown) showStartPage(state)
    return
  }
  isStartShown = false
  renderTab(tab, changed)
}

function renderTab(tab: Tab, changed: boolean): void {
  if (state === undefined) return
  switch (tab) {
    case 'statistics':
      if (run !== undefined) show(tab, statisticsView(run, render))
      return
    case 'charts':
      if (changed) replace(view, charts.root)
      if (run !== undefined) charts.update(run)
      return
    case 'failures':
      if (run !== undefined) show(tab, failuresView(run))
      return
    case 'workers':
      show(tab, workersView(state))
      return
    case 'script':
      if (changed) replace(view, scriptView.root)
      scriptView.update(state)
      return
    case 'history':
      if (changed || location.hash !== shownHash) {
        if (changed) replace(view, historyView.root)
        shownHash = location.hash
        void historyView.update(run)
      } else historyView.updateCurrent(run)
      return
    case 'downloads':
      if (changed && run !== undefined) replace(view, renderDownloads(run))
      return
    case 'events':
      if (changed) replace(view, eventsView.root)
      eventsView.update(run)
      return
  }
}

/** Renders a tab; what did not change stays as it is. */
function show(tab: Tab, content: TemplateResult): void {
  const host = hosts.get(tab) ?? element('div')
  hosts.set(tab, host)
  if (view.firstElementChild !== host) replace(view, host)
  renderView(content, host)
}

function renderTabs(current: Tab): void {
  const failures = run?.failureRows.length ?? 0
  const present = state?.workers.filter((worker) => worker.state !== 'lost' && worker.state !== 'left').length ?? 0
  const badge = (tab: Tab): HTMLElement | undefined => {
    if (tab === 'failures' && failures > 0) return element('span', { class: 'count bad', text: String(failures) })
    if (tab === 'workers') return element('span', { class: 'count', text: String(present) })
    return undefined
  }
  const known = `${current} ${failures} ${present}`
  if (nav.dataset.shown === known) return
  nav.dataset.shown = known
  const scrolled = nav.scrollLeft
  const focused = document.activeElement?.getAttribute('href')
  replace(
    nav,
    ...TABS.map((tab) =>
      element(
        'a',
        { text: TITLES[tab], attributes: { href: `#${tab}`, 'aria-current': tab === current ? 'page' : undefined } },
        badge(tab),
      ),
    ),
  )
  nav.scrollLeft = scrolled
  nav.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  if (focused?.startsWith('#') === true)
    nav.querySelector<HTMLElement>(`a[href="${CSS.escape(focused).replace('\\#', '#')}"]`)?.focus()
}

function showStartPage(current: StateView): void {
  isStartShown = true
  replace(
    view,
    element(
      'section',
      { class: 'card start' },
      element('h2', { text: 'Start a load test' }),
      element('p', {
        class: 'lead',
        text: 'Choose a script and a load. The load can be changed while the test runs.',
      }),
      createStartForm(current, () => void poll()),
    ),
  )
}

function openStart(): void {
  const current = state
  if (current === undefined) return
  openDialog('New test', (close) =>
    createStartForm(current, () => {
      close()
      void poll()
    }),
  )
}

function showProblem(message: string): void {
  problem.hidden = false
  problem.textContent = message
}
