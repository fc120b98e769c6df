import { html, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type { Trace } from '../../../contract/traces.ts'
import type { AppContext } from '../app-context.ts'
import { ApiError } from '../client/api.ts'
import { el } from '../element.ts'
import { emptyState } from '../empty-state.ts'
import { logsBySpan, type TraceLogs } from '../logs/trace-logs.ts'
import { isError } from './span-tree.ts'
import { Waterfall } from './waterfall.ts'

const MAX_LOG_LINES = 1000
/** Log lines of a trace are searched for from this long before it to this long after it. */
const LOG_MARGIN_MS = 600_000

/** One trace: its details, and the waterfall of its spans with their log lines. */
export class TraceView {
  readonly element = el('div', { class: 'trace-detail', tabindex: '-1' })
  readonly #app: AppContext
  readonly #waterfall: Waterfall

  constructor(app: AppContext) {
    this.#app = app
    this.#waterfall = new Waterfall((traceId) => app.link('traces', traceId))
  }

  /** Reads the trace again. */
  async refresh(traceId: string, signal: AbortSignal): Promise<void> {
    try {
      const trace = await this.#app.api.trace(traceId, signal)
      const logs = await this.#logs(trace, signal)
      this.#waterfall.show(trace, logs)
      render(html`${this.#back()} ${this.#head(trace, logs)} ${this.#waterfall.element}`, this.element)
    } catch (error) {
      if (!(error instanceof ApiError) || (error.code !== 404 && error.code !== 400)) throw error
      const why = html`<p>It has not arrived yet, was not sampled, or has been evicted.</p>
        <p class="mono muted">${traceId}</p>`
      render(html`${this.#back()} ${emptyState('Trace not found', why)}`, this.element)
    }
  }

  focusSearch(): void {
    this.#waterfall.focusSearch()
  }

  #back(): TemplateResult {
    return html`<a class="back" href=${this.#app.link('traces')}>← All traces</a>`
  }

  #head({ traceId, spans, startMs, durationMs }: Trace, { count }: TraceLogs): TemplateResult {
    const [root] = spans
    const services = [...new Set(spans.map(({ service }) => service))].filter((service) => service !== '')
    const failed = spans.filter(isError).length
    const facts = [
      formatDateTime(startMs),
      formatDurationMs(durationMs),
      `${formatCount(spans.length)} ${plural(spans.length, 'span')}`,
      ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
      services.join(', '),
    ]
    const logsLink = this.#app.link('logs', undefined, { query: traceQuery(traceId) })
    return html`<h2 class="trace-title">${root?.name ?? traceId}</h2>
      <p class="muted">${facts.join(' · ')}</p>
      <p class="muted mono">${traceId}</p>
      ${
        count === 0
          ? html`<p class="muted">No log lines</p>`
          : html`<p><a href=${logsLink}>${formatCount(count)} log ${plural(count, 'line')}</a></p>`
      }`
  }

  async #logs({ traceId, spans, startMs, durationMs }: Trace, signal: AbortSignal): Promise<TraceLogs> {
    const { entries } = await this.#app.api.logs(
      {
        query: traceQuery(traceId),
        start: Math.floor(startMs - LOG_MARGIN_MS),
        end: Math.ceil(startMs + durationMs + LOG_MARGIN_MS),
        limit: MAX_LOG_LINES,
      },
      signal,
    )
    return logsBySpan(entries, new Set(spans.map(({ spanId }) => spanId)))
  }
}

function traceQuery(traceId: string): string {
  return `trace:"${traceId}"`
}
