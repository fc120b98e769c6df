import { html, nothing, render, repeat, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { LogEntryJson, LogList, LogListParameters } from '../../../contract/logs.ts'
import type { AppContext, Page } from '../app-context.ts'
import { ApiError } from '../client/api.ts'
import { followLogs } from '../client/log-tail.ts'
import { el } from '../element.ts'
import { codeBlock, emptyState, otherProjects, otlpExample } from '../empty-state.ts'
import { filtersIn, isLive, logFiltersView } from '../logs/log-filters.ts'
import { logHistogram } from '../logs/log-histogram.ts'
import { logKey, logRow } from '../logs/log-row.ts'
import { endsOf, zoomTo } from '../range/time-range.ts'
import { moveFocusWithArrows } from '../roving-focus.ts'

const PAGE_ENTRIES = 200
const MAX_LIVE_ROWS = 1000
const MAX_ROWS = 5000
const BUCKETS = 60

/** Shows entries over time by severity, a query, the entries newest first, and a live tail. */
export class LogsPage implements Page {
  readonly element = el('div', { class: 'page logs-page' })
  readonly #app: AppContext
  #histogram: LogList['histogram']
  #entries: readonly LogEntryJson[] = []
  #nextPageToken = ''
  #problem = ''
  #tail: { readonly key: string; readonly stop: () => void } | undefined
  /** The number of entries that arrived too fast to be shown in the tail. */
  #missed = 0

  constructor(app: AppContext) {
    this.#app = app
    moveFocusWithArrows(this.element, '.log-row > summary')
  }

  async refresh(signal: AbortSignal): Promise<void> {
    if (!isLive(this.#app)) this.#stopTail()
    try {
      const found = await this.#ask({ limit: isLive(this.#app) ? 1 : PAGE_ENTRIES, buckets: BUCKETS }, signal)
      this.#problem = ''
      this.#histogram = found.histogram ?? this.#histogram
      if (isLive(this.#app)) this.#follow()
      else [this.#entries, this.#nextPageToken] = [found.entries, found.nextPageToken]
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 400) throw error
      this.#stopTail()
      this.#problem = error.message
    }
    this.#draw()
  }

  focusSearch(): void {
    this.element.querySelector<HTMLElement>('.log-query')?.focus()
  }

  destroy(): void {
    this.#stopTail()
  }

  #ask(parameters: LogListParameters, signal?: AbortSignal): Promise<LogList> {
    const { startMs, endMs } = endsOf(this.#app.range(), this.#app.nowMs())
    const interval = { start: Math.round(startMs), end: Math.round(endMs) }
    return this.#app.api.logs({ ...filtersIn(this.#app), ...interval, ...parameters }, signal)
  }

  async #older({ currentTarget }: Event): Promise<void> {
    const button = currentTarget instanceof HTMLButtonElement ? currentTarget : undefined
    if (button) button.disabled = true
    try {
      const found = await this.#ask({ limit: PAGE_ENTRIES, pageToken: this.#nextPageToken })
      this.#entries = [...this.#entries, ...found.entries]
      this.#nextPageToken = this.#entries.length >= MAX_ROWS ? '' : found.nextPageToken
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error)
    }
    if (button) button.disabled = false
    this.#draw()
  }

  #follow(): void {
    const project = this.#app.route().parameters.project || this.#app.summary()?.project
    const key = JSON.stringify([project, filtersIn(this.#app)])
    if (this.#tail?.key === key) return
    this.#stopTail()
    const stop = followLogs({ project, ...filtersIn(this.#app) }, ({ entries, suppressed }) => {
      this.#missed += suppressed
      this.#entries = [...entries.toReversed(), ...this.#entries].slice(0, MAX_LIVE_ROWS)
      this.#draw()
    })
    this.#tail = { key, stop }
  }

  #stopTail(): void {
    this.#tail?.stop()
    this.#tail = undefined
    this.#missed = 0
    this.#entries = []
    this.#nextPageToken = ''
  }

  #draw(): void {
    const app = this.#app
    const entries = repeat(this.#entries, logKey, (entry) =>
      logRow(entry, { traceLink: (traceId) => app.link('traces', traceId) }),
    )
    const isEmpty = this.#entries.length === 0 && this.#tail === undefined && this.#problem === ''
    const older = html`<button type="button" class="button log-older" @click=${(event: Event) => void this.#older(event)}>
      Older entries
    </button>`
    render(
      html`${logFiltersView(app)}
        ${this.#problem === '' ? nothing : html`<p class="log-problem" role="alert">${this.#problem}</p>`}
        ${this.#histogram ? logHistogram(this.#histogram, (startMs, endMs) => app.setRange(zoomTo(startMs, endMs))) : nothing}
        <p class="muted list-summary" role="status">${this.#note()}</p>
        <div class="log-list">${isEmpty ? nothingView(app) : entries}</div>
        ${this.#nextPageToken === '' || isLive(app) ? nothing : older}`,
      this.element,
    )
  }

  #note(): string {
    const shown = this.#entries.length
    if (this.#tail === undefined) return shown === 0 ? '' : `The newest ${formatCount(shown)}`
    const more = this.#missed === 0 ? '' : `; ${formatCount(this.#missed)} more arrived too fast to be shown`
    return shown === 0 ? 'Waiting for entries that match…' : `${formatCount(shown)} since the tail started${more}`
  }
}

function nothingView(app: AppContext): TemplateResult {
  const { query, severity } = filtersIn(app)
  if (query !== '' || severity !== '' || (app.summary()?.logEntries ?? 0) > 0)
    return emptyState('No entry matches', html`<p>Widen the time range or change the query.</p>`)
  return emptyState(
    'No log entries yet',
    html`${otherProjects(app, 'logs')}
      <p>Start the whole pipeline, whose services send their log lines:</p>
      ${codeBlock('npm start')}
      <p>or send those of your own service:</p>
      ${codeBlock(otlpExample(app.summary(), 'logs'))}`,
  )
}
