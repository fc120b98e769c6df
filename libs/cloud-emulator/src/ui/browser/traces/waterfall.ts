import { seriesColor } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import { searchField } from '@node-to-cloud/browser-kit/browser/fields'
import { styled } from '@node-to-cloud/browser-kit/browser/styled'
import { html, nothing, render, repeat, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatCount, formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type { Trace } from '../../../contract/traces.ts'
import { el } from '../element.ts'
import { spanLogs, type TraceLogs } from '../logs/trace-logs.ts'
import { moveFocusWithArrows } from '../roving-focus.ts'
import { spanDetail } from './span-detail.ts'
import { type ShownRow, shownRows } from './span-search.ts'
import { isError, type SpanRow, spanRows } from './span-tree.ts'

const MAX_ROWS = 2000
const MAX_DEPTH = 12
const NO_LOGS: TraceLogs = { bySpan: new Map(), count: 0 }

function percent(share: number): string {
  return `${Math.min(100, Math.max(0, share * 100))}%`
}

/** The spans of a trace as bars over its time, which can be searched and collapsed; each opens to its attributes. */
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

  /** Shows a trace. What is collapsed and open stays, as long as it is the same one. */
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
      html`${this.#toolbar(rows)} ${this.#ruler()}
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
                ${formatCount(rows.length - MAX_ROWS)} more spans are not shown. Collapse some, or search.
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

  #ruler(): TemplateResult {
    const mark = (share: number): TemplateResult =>
      html`<span class="ruler-mark" ${styled({ left: percent(share) })}>${formatDurationMs(share * (this.#trace.durationMs || 1))}</span>`
    return html`<div class="waterfall-ruler" aria-hidden="true">
      <span class="span-name"></span>
      <span class="span-track">${[0, 0.25, 0.5, 0.75, 1].map(mark)}</span>
      <span class="span-duration"></span>
    </div>`
  }

  #row(row: ShownRow): TemplateResult {
    const { span, depth, descendants, orphan, matches } = row
    const { spanId } = span
    const isOpen = this.#open.has(spanId)
    const failed = isError(span)
    const lines = this.#logs.bySpan.get(spanId)
    const background = seriesColor(this.#services.indexOf(span.service))
    const toggle = (): void => {
      if (!this.#open.delete(spanId)) this.#open.add(spanId)
      this.#draw()
    }
    return html`<div class="span-item">
      <div class="span-line" ${styled({ '--depth': String(Math.min(depth, MAX_DEPTH)) })}>
        ${descendants === 0 || this.#search.trim() !== '' ? nothing : this.#foldButton(row)}
        <button
          type="button"
          class="span-row ${failed ? 'span-failed' : ''} ${matches ? 'span-match' : ''}"
          aria-expanded=${String(isOpen)}
          @click=${toggle}
        >
          <span class="span-name"
            ><span class="swatch" ${styled({ background })}></span><span class="span-label">${span.name}</span
            ><span class="muted span-service">${orphan ? `${span.service}, parent missing` : span.service}</span></span
          >
          ${this.#track(row, background)}
          <span class="span-duration"
            >${failed ? html`<span class="visually-hidden">failed, </span><span aria-hidden="true">✕ </span>` : nothing}${formatDurationMs(span.durationMs)}</span
          >
        </button>
      </div>
      ${isOpen ? spanDetail(span, this.#trace, this.#traceLink) : nothing}
      ${lines ? spanLogs(lines, this.#trace.startMs) : nothing}
    </div>`
  }

  #foldButton({ span: { spanId, name }, descendants }: ShownRow): TemplateResult {
    const isFolded = this.#collapsed.has(spanId)
    const fold = (): void => {
      if (!this.#collapsed.delete(spanId)) this.#collapsed.add(spanId)
      this.#draw()
    }
    const spans = `${formatCount(descendants)} ${descendants === 1 ? 'span' : 'spans'}`
    return html`<button
      type="button"
      class="span-fold"
      aria-expanded=${String(!isFolded)}
      aria-label="${spans} below ${name}"
      title="${isFolded ? 'Show' : 'Hide'} the ${spans} below"
      @click=${fold}
    >
      ${isFolded ? '▸' : '▾'}
    </button>`
  }

  #track({ span }: ShownRow, background: string): TemplateResult {
    const { startMs, durationMs } = this.#trace
    const total = durationMs || 1
    const start = (span.startMs - startMs) / total
    const width = `max(2px, ${percent(Math.min(span.durationMs / total, 1 - start))})`
    return html`<span class="span-track"
      ><span class="span-bar" ${styled({ left: percent(start), width, background })}></span
      >${span.events.map(
        ({ name, timeMs }) =>
          html`<span class="span-event" title=${name} ${styled({ left: percent((timeMs - startMs) / total) })}></span>`,
      )}</span
    >`
  }
}
