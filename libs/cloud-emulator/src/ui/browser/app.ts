import { applyTheme, nextTheme, storedTheme } from '@node-to-cloud/browser-kit/browser/theme'
import type { ChangeEvent, Summary } from '../../contract/summary.ts'
import type { Page } from './app-context.ts'
import { type Api, ApiError, createApi } from './client/api.ts'
import { listenForChanges } from './client/live-events.ts'
import { servedProject, withEarlyAnswers } from './early-answers.ts'
import { Shell } from './frame/shell.ts'
import { REFRESH_CHOICES, type ShellHost } from './frame/top-row.ts'
import { PAGE_CLASSES } from './page-classes.ts'
import { PageRefresher } from './page-refresher.ts'
import { fittingRange, formatTimeRange, parseTimeRange, type TimeRange } from './range/time-range.ts'
import { formatRoute, type PageName, parseRoute, type Route } from './route.ts'

const DEFAULT_REFRESH_SECONDS = 10
/** Parameters of the address that stay when the page changes. */
const SHARED_PARAMETERS = ['range', 'refresh', 'project', 'alignment']

/** The UI: the page of the address, in its frame, refreshed periodically and when something was written. */
export class App implements ShellHost {
  api: Api
  readonly shell: Shell
  readonly #refresher: PageRefresher
  #route: Route = parseRoute(location.hash)
  #summary: Summary | undefined
  #clockOffsetMs = 0
  #page: { readonly name: PageName; readonly project: string | undefined; readonly page: Page } | undefined
  #theme = storedTheme()
  readonly #servedProject = servedProject()
  /** The range in the address before the last zoom. */
  #earlierRange = ''
  #endEvents: (() => void) | undefined

  constructor() {
    this.api = withEarlyAnswers(createApi(this.#project() ?? this.#servedProject), window.earlyAnswers)
    this.shell = new Shell(this)
    this.#refresher = new PageRefresher({
      refresh: (signal) => this.#refresh(signal),
      onBusy: (busy) => this.shell.show({ busy }),
      onDone: (error) => this.#done(error),
      seconds: () => this.refreshSeconds(),
    })
  }

  /** Shows the page of the address, now and whenever it changes. */
  start(): void {
    window.addEventListener('hashchange', () => this.#follow())
    this.#listen()
    this.#follow()
  }

  summary(): Summary | undefined {
    return this.#summary
  }

  summaryChanged(): void {
    this.shell.show({})
  }

  route(): Route {
    return this.#route
  }

  page(): Page | undefined {
    return this.#page?.page
  }

  navigate(next: Route, options: { readonly replace?: boolean } = {}): void {
    const hash = formatRoute(next)
    if (hash === location.hash) this.#follow()
    else if (options.replace) {
      history.replaceState(null, '', hash)
      this.#follow()
    } else location.hash = hash
  }

  setParameters(parameters: Readonly<Record<string, string>>, options: { readonly replace?: boolean } = {}): void {
    this.navigate({ ...this.#route, parameters: { ...this.#route.parameters, ...parameters } }, options)
  }

  link(page: PageName, id?: string, parameters: Readonly<Record<string, string>> = {}): string {
    const all = { ...this.#sharedParameters(), ...parameters }
    return formatRoute({ page, ...(id === undefined ? {} : { id }), parameters: all })
  }

  range(): TimeRange {
    return parseTimeRange(this.#route.parameters.range ?? '') ?? fittingRange(this.#summary?.firstPointMs, this.nowMs())
  }

  setRange(next: TimeRange): void {
    const before = this.#route.parameters.range ?? ''
    if (next.kind === 'between' && this.range().kind === 'last') this.#earlierRange = before
    this.setParameters({ range: formatTimeRange(next) })
  }

  resetRange(): void {
    if (this.range().kind === 'last') return
    this.setParameters({ range: this.#earlierRange })
    this.#earlierRange = ''
  }

  nowMs(): number {
    return Date.now() + this.#clockOffsetMs
  }

  sawServerTime(nowMs: number): void {
    this.#clockOffsetMs = nowMs - Date.now()
  }

  refreshSeconds(): number {
    const asked = Number(this.#route.parameters.refresh ?? DEFAULT_REFRESH_SECONDS)
    return REFRESH_CHOICES.includes(asked) ? asked : DEFAULT_REFRESH_SECONDS
  }

  refreshNow(): void {
    void this.#refresher.refresh()
  }

  switchTheme(): void {
    this.#theme = nextTheme(this.#theme)
    applyTheme(this.#theme)
    this.shell.show({ theme: this.#theme })
  }

  /** Opens the same page for another project. */
  openProject(project: string): void {
    this.navigate({ page: this.#route.page, parameters: { ...this.#sharedParameters(), project } })
  }

  #project(): string | undefined {
    return this.#route.parameters.project || undefined
  }

  #sharedParameters(): Record<string, string> {
    const { parameters } = this.#route
    return Object.fromEntries(SHARED_PARAMETERS.flatMap((name) => (parameters[name] ? [[name, parameters[name]]] : [])))
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const current = this.#openPage()
    const asked = this.api.summary(signal)
    if (!this.#summary) await this.#takeSummary(asked)
    await Promise.all([current.refresh(signal), this.#takeSummary(asked)])
  }

  #done(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error ?? '')
    const isGone = error instanceof ApiError && error.code === 0
    this.shell.show({ problem: isGone ? `${reason}. Is it still running? This page retries automatically.` : reason })
    document.body.dataset.drawn = formatRoute(this.#route)
  }

  #openPage(): Page {
    const { page: name } = this.#route
    const project = this.#project()
    if (this.#page && this.#page.name === name && this.#page.project === project) return this.#page.page
    this.#page?.page.destroy()
    const page = new PAGE_CLASSES[name](this)
    this.#page = { name, project, page }
    this.shell.showPage(page.element)
    return page
  }

  async #takeSummary(asked: Promise<Summary>): Promise<void> {
    const sent = Date.now()
    const summary = await asked
    if (summary === this.#summary) return
    this.#summary = summary
    this.#clockOffsetMs = summary.nowMs - (Date.now() + sent) / 2
    if (this.#project() === undefined && summary.project !== this.#servedProject) this.api = createApi(summary.project)
    this.shell.show({})
  }

  #listen(): void {
    this.#endEvents?.()
    this.#endEvents = listenForChanges(
      this.#project(),
      (event) => this.#changed(event),
      (connected) => {
        document.body.dataset.connected = String(connected)
      },
    )
  }

  #changed(event: ChangeEvent): void {
    this.#page?.page.changed?.(event)
    const { page } = this.#route
    const ofPage = (page === 'traces' && event.spans > 0) || (page === 'logs' && event.logs > 0)
    if (event.refusals > 0 || event.dashboards > 0 || event.alerting > 0 || ofPage) this.#refresher.refreshSoon()
  }

  #follow(): void {
    const projectBefore = this.#project()
    const pageBefore = this.#route.page
    this.#route = parseRoute(location.hash)
    if (projectBefore !== this.#project()) {
      this.api = createApi(this.#project() ?? this.#summary?.project ?? this.#servedProject)
      this.#listen()
    }
    this.shell.show({ theme: this.#theme })
    if (pageBefore !== this.#route.page) window.scrollTo(0, 0)
    this.#refresher.restart()
  }
}
