import { applyTheme, followSystemTheme, nextTheme, storedTheme } from '@node-to-cloud/browser-kit/browser/theme'
import type { ChangeEvent, Summary } from '../../contract/summary.ts'
import type { AppContext, Page } from './app-context.ts'
import { ApiError, createApi } from './client/api.ts'
import { listenForChanges } from './client/live-events.ts'
import { servedProject, withEarlyAnswers } from './early.ts'
import { createDashboardsPage } from './pages/dashboards-page.ts'
import { formatRoute, PAGES, type PageName, parseRoute, type Route } from './route.ts'
import { createShell, REFRESH_CHOICES } from './shell.ts'
import { DEFAULT_RANGE, formatTimeRange, parseTimeRange, type TimeRange, zoomOut } from './time-range.ts'

const DEFAULT_REFRESH_SECONDS = 10
/** Changes are shown this soon, whatever the refresh interval. */
const CHANGE_DELAY_MS = 2000
/** Parameters of the address that stay when the page changes. */
const SHARED_PARAMETERS = ['range', 'refresh', 'project']

/** Loads the code of a page. The first page comes with the shell; the others are loaded when idle or when opened. */
const PAGE_LOADERS: Readonly<Record<PageName, () => Promise<(app: AppContext) => Page>>> = {
  dashboards: async () => createDashboardsPage,
  metrics: async () => (await import('./pages/metrics-page.ts')).createMetricsPage,
  traces: async () => (await import('./pages/traces-page.ts')).createTracesPage,
  alerts: async () => (await import('./pages/alerts-page.ts')).createAlertsPage,
  logs: async () => (await import('./pages/logs-page.ts')).createLogsPage,
  writes: async () => (await import('./pages/writes-page.ts')).createWritesPage,
}

/** Loads all pages, so that they open at once, even if the emulator has stopped by then. */
function fetchOtherPages(): void {
  // If this fails, opening the page reports it.
  for (const make of Object.values(PAGE_LOADERS)) make().catch(() => {})
}

/** Runs the UI: opens the page that the address names, and refreshes it by the clock and when something was written. */
function run(): void {
  let route: Route = parseRoute(location.hash)
  let summary: Summary | undefined
  let clockOffsetMs = 0
  let page: { name: PageName; project: string | undefined; page: Page } | undefined
  let theme = storedTheme()
  let earlierRange: TimeRange | undefined
  let running: AbortController | undefined
  let again = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let changeTimer: ReturnType<typeof setTimeout> | undefined
  let endEvents: (() => void) | undefined
  let isFirstView = true

  const project = (): string | undefined => route.parameters.project || undefined
  let api = withEarlyAnswers(createApi(project() ?? servedProject))

  const range = (): TimeRange => parseTimeRange(route.parameters.range ?? '') ?? DEFAULT_RANGE
  const refreshSeconds = (): number => {
    const asked = Number(route.parameters.refresh ?? DEFAULT_REFRESH_SECONDS)
    return REFRESH_CHOICES.includes(asked) ? asked : DEFAULT_REFRESH_SECONDS
  }
  const sharedParameters = (): Record<string, string> =>
    Object.fromEntries(
      SHARED_PARAMETERS.flatMap((name) => (route.parameters[name] ? [[name, route.parameters[name]]] : [])),
    )

  const app: AppContext = {
    get api() {
      return api
    },
    summary: () => summary,
    route: () => route,
    navigate(next, options = {}) {
      const hash = formatRoute(next)
      if (hash === location.hash) follow()
      else if (options.replace) {
        history.replaceState(null, '', hash)
        follow()
      } else location.hash = hash
    },
    setParameters(parameters, options = {}) {
      app.navigate({ ...route, parameters: { ...route.parameters, ...parameters } }, options)
    },
    link: (name, id, parameters = {}) =>
      formatRoute({
        page: name,
        ...(id === undefined ? {} : { id }),
        parameters: { ...sharedParameters(), ...parameters },
      }),
    range,
    setRange(next) {
      const text = formatTimeRange(next)
      if (next.kind === 'between' && range().kind === 'last') earlierRange = range()
      app.setParameters({ range: text === formatTimeRange(DEFAULT_RANGE) ? '' : text })
    },
    resetRange() {
      if (range().kind === 'last') return
      app.setRange(earlierRange ?? DEFAULT_RANGE)
      earlierRange = undefined
    },
    nowMs: () => Date.now() + clockOffsetMs,
    sawServerTime(nowMs) {
      clockOffsetMs = nowMs - Date.now()
    },
  }

  const shell = createShell({
    onRange: (next) => app.setRange(next),
    onRangeReset: () => app.resetRange(),
    nowMs: () => app.nowMs(),
    onRefreshSeconds: (seconds) => app.setParameters({ refresh: String(seconds) }, { replace: true }),
    onRefreshNow: () => void refresh(),
    onTheme: () => turnTheme(),
    onProject: (name) => app.navigate({ page: route.page, parameters: { ...sharedParameters(), project: name } }),
  })

  function turnTheme(): void {
    theme = nextTheme(theme)
    applyTheme(theme)
    shell.showTheme(theme)
  }

  async function openPage(signal: AbortSignal): Promise<Page> {
    if (page && page.name === route.page && page.project === project()) return page.page
    const make = await PAGE_LOADERS[route.page]()
    signal.throwIfAborted()
    page?.page.destroy()
    page = { name: route.page, project: project(), page: make(app) }
    shell.showPage(page.page.element)
    return page.page
  }

  /** Refreshes the page. A call during a refresh starts another one afterwards. */
  async function refresh(): Promise<void> {
    if (running && !running.signal.aborted) {
      again = true
      return
    }
    clearTimeout(timer)
    const controller = new AbortController()
    running = controller
    shell.showBusy(true)
    try {
      const current = await openPage(controller.signal)
      const asked = api.summary(controller.signal)
      if (!summary) await takeSummary(asked)
      await Promise.all([current.refresh(controller.signal), summary ? takeSummary(asked) : undefined])
      shell.showProblem(undefined)
    } catch (error) {
      if (!controller.signal.aborted) {
        const reason = error instanceof Error ? error.message : String(error)
        const gone = error instanceof ApiError && error.code === 0
        shell.showProblem(gone ? `${reason}. Is it still running? This page retries automatically.` : reason)
      }
    } finally {
      if (running === controller) {
        running = undefined
        shell.showBusy(false)
        document.body.dataset.drawn = formatRoute(route)
        if (isFirstView) requestIdleCallback(fetchOtherPages)
        isFirstView = false
        schedule()
        if (again) {
          again = false
          void refresh()
        }
      }
    }
  }

  async function takeSummary(asked: Promise<Summary>): Promise<void> {
    const sent = Date.now()
    summary = await asked
    clockOffsetMs = summary.nowMs - (Date.now() + sent) / 2
    if (project() === undefined && summary.project !== servedProject) api = createApi(summary.project)
    shell.showSummary(summary, project())
  }

  function schedule(): void {
    clearTimeout(timer)
    const seconds = refreshSeconds()
    if (seconds === 0 || document.hidden) return
    timer = setTimeout(() => void refresh(), seconds * 1000)
  }

  function onChange(event: ChangeEvent): void {
    page?.page.changed?.(event)
    const ofPage = (route.page === 'traces' && event.spans > 0) || (route.page === 'logs' && event.logs > 0)
    const urgent = event.refusals > 0 || event.dashboards > 0 || event.alerting > 0 || ofPage
    if (!urgent || refreshSeconds() === 0 || document.hidden || changeTimer !== undefined) return
    changeTimer = setTimeout(() => {
      changeTimer = undefined
      void refresh()
    }, CHANGE_DELAY_MS)
  }

  function listen(): void {
    endEvents?.()
    endEvents = listenForChanges(project(), onChange, (connected) => {
      document.body.dataset.connected = String(connected)
    })
  }

  function follow(): void {
    const before = project()
    const pageBefore = route.page
    route = parseRoute(location.hash)
    if (before !== project()) {
      api = createApi(project() ?? summary?.project ?? servedProject)
      listen()
    }
    shell.showRoute(route, (name) => app.link(name))
    shell.showRange(range())
    shell.showRefreshSeconds(refreshSeconds())
    if (pageBefore !== route.page) window.scrollTo(0, 0)
    running?.abort()
    running = undefined
    again = false
    void refresh()
  }

  function onKey(event: KeyboardEvent): void {
    const target = event.target instanceof HTMLElement ? event.target : undefined
    const typing = target?.closest('input:not([type=checkbox]), select, textarea, dialog[open]')
    if (event.key === 'Escape' && typing && target instanceof HTMLInputElement) target.blur()
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing) return
    const number = Number(event.key)
    const numbered = Number.isInteger(number) ? PAGES[number - 1] : undefined
    if (numbered) location.hash = app.link(numbered)
    else if (event.key === '/') page?.page.focusSearch?.()
    else if (event.key === 'r') void refresh()
    else if (event.key === 'p') {
      app.setParameters({ refresh: refreshSeconds() === 0 ? '' : '0' }, { replace: true })
    } else if (event.key === 't') turnTheme()
    else if (event.key === '-') app.setRange(zoomOut(range(), app.nowMs()))
    else if (event.key === '+') {
      const now = range()
      if (now.kind === 'last') app.setRange({ kind: 'last', seconds: Math.max(300, Math.ceil(now.seconds / 120) * 60) })
    } else if (event.key === 'Escape') app.resetRange()
    else if (event.key === '?') shell.toggleHelp()
    else return
    event.preventDefault()
  }

  applyTheme(theme)
  followSystemTheme()
  shell.showTheme(theme)
  window.addEventListener('hashchange', follow)
  window.addEventListener('keydown', onKey)
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) clearTimeout(timer)
    else if (refreshSeconds() > 0) void refresh()
  })
  listen()
  follow()
}

run()
