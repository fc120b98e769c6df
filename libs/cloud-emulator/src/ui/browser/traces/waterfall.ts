import { seriesColor } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import { searchField } from '@node-to-cloud/browser-kit/browser/fields'
import { html, nothing, render, repeat, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { Trace } from '../../../contract/traces.ts'
import { el } from '../element.ts'
import { spanLogs, type TraceLogs } from '../logs/trace-logs.ts'
import { moveFocusWithArrows } from '../roving-focus.ts'
import { rulerView, spanRow } from './span-row.ts'
import { type ShownRow, shownRows } from './span-search.ts'
import { type SpanRow, spanRows } from './span-tree.ts'

const MAX_ROWS = 2000
const NO_LOGS: TraceLogs = { bySpan: new Map(), count: 0 }

/** The spans of a trace as bars on a time axis, which can be searched and collapsed; each expands to its attributes. */
export class Waterfall {
  readonly element = el('div', { class: 'waterfall-frame' })
  readonly #traceLink: (traceId: string) => string
  #trace: Trace = { traceId: '', startMs: 0, durationMs: 0, spans: [] }
  #logs = NO_LOGS
  #rows: readonly SpanRow[] = []
  #services: readonly string[] = []
  #search = ''
  readonly #collapsed = new Set<string>()
  readonly #open = new Set<string>()

  constructor(traceLink: (traceId: string) => string) {
    this.#traceLink = traceLink
    moveFocusWithArrows(this.element, '.span-row')
  }

  /** Shows a trace. Collapsed and expanded spans stay so as long as it is the same trace. */
  show(trace: Trace, logs: TraceLogs): void {
    if (trace.traceId !== this.#trace.traceId) {
      this.#collapsed.clear()
      this.#open.clear()
      this.#search = ''
    }
    this.#trace = trace
    this.#logs = logs
    this.#rows = spanRows(trace.spans)
    this.#services = [...new Set(trace.spans.map((span) => span.service))].sort()
    this.#draw()
  }

  focusSearch(): void {
    this.element.querySelector('input')?.focus()
  }

  #draw(): void {
    const rows = shownRows(this.#rows, this.#search, this.#collapsed)
    const lost = this.#logs.bySpan.get('')
    const key = ({ span }: ShownRow): string => span.spanId
    render(
      html`${this.#toolbar(rows)} ${rulerView(this.#trace)}
        <div class="waterfall">${repeat(rows.slice(0, MAX_ROWS), key, (row) => this.#row(row))}</div>
        ${
          lost === undefined
            ? nothing
            : html`<div class="span-item">
                <p class="muted span-logs">Of spans that are not here</p>
                ${spanLogs(lost, this.#trace.startMs)}
              </div>`
        }
        ${
          rows.length > MAX_ROWS
            ? html`<p class="muted waterfall-more">
                ${formatCount(rows.length - MAX_ROWS)} more ${plural(rows.length - MAX_ROWS, 'span is', 'spans are')} not shown. Collapse some, or search.
              </p>`
            : nothing
        }`,
      this.element,
    )
  }

  #toolbar(rows: readonly ShownRow[]): TemplateResult {
    const parents = this.#rows.filter(({ descendants }) => descendants > 0)
    const matches = rows.filter((row) => row.matches).length
    const collapseAll = (): void => {
      for (const { span } of parents) this.#collapsed.add(span.spanId)
      this.#draw()
    }
    const expandAll = (): void => {
      this.#collapsed.clear()
      this.#draw()
    }
    const found = this.#search.trim() === '' ? '' : `${formatCount(matches)} of ${formatCount(this.#rows.length)} spans`
    return html`<div class="waterfall-tools">
      ${searchField({
        label: 'Find spans',
        placeholder: 'Find spans: a name, service, attribute, or failed',
        value: this.#search,
        note: found,
        onChange: (value) => {
          this.#search = value
          this.#draw()
        },
      })}
      <button type="button" class="button button-small" ?disabled=${parents.length === 0} @click=${collapseAll}>Collapse all</button>
      <button type="button" class="button button-small" ?disabled=${this.#collapsed.size === 0} @click=${expandAll}>Expand all</button>
    </div>`
  }

  #row(row: ShownRow): TemplateResult {
    const { spanId, service } = row.span
    const turn = (set: Set<string>) => (): void => {
      if (!set.delete(spanId)) set.add(spanId)
      this.#draw()
    }
    const canCollapse = row.descendants > 0 && this.#search.trim() === ''
    return spanRow(row, {
      trace: this.#trace,
      color: seriesColor(this.#services.indexOf(service)),
      isOpen: this.#open.has(spanId),
      isCollapsed: canCollapse ? this.#collapsed.has(spanId) : undefined,
      logs: this.#logs.bySpan.get(spanId),
      onToggle: turn(this.#open),
      onCollapse: turn(this.#collapsed),
      traceLink: this.#traceLink,
    })
  }
}
