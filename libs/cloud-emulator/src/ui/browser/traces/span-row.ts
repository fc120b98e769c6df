import { styled } from '@node-to-cloud/browser-kit/browser/styled'
import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatCount, formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type { LogEntryJson } from '../../../contract/logs.ts'
import type { Trace } from '../../../contract/traces.ts'
import { spanLogs } from '../logs/trace-logs.ts'
import { spanDetail } from './span-detail.ts'
import type { ShownRow } from './span-search.ts'
import { isError } from './span-tree.ts'

const MAX_DEPTH = 12
const MARKS = [0, 0.25, 0.5, 0.75, 1]

/** Options of a row besides its span. */
export interface SpanRowOptions {
  readonly trace: Trace
  /** The colour of its service. */
  readonly color: string
  readonly isOpen: boolean
  /** Whether its descendants are hidden; undefined if it has none. */
  readonly isCollapsed: boolean | undefined
  readonly logs: readonly LogEntryJson[] | undefined
  readonly onToggle: () => void
  readonly onCollapse: () => void
  readonly traceLink: (traceId: string) => string
}

function percent(share: number): string {
  return `${Math.min(100, Math.max(0, share * 100))}%`
}

/** The time ruler above the spans of a trace. */
export function rulerView({ durationMs }: Trace): TemplateResult {
  const mark = (share: number): TemplateResult =>
    html`<span class="ruler-mark" ${styled({ left: percent(share) })}>${formatDurationMs(share * (durationMs || 1))}</span>`
  return html`<div class="waterfall-ruler" aria-hidden="true">
    <span class="span-name"></span>
    <span class="span-track">${MARKS.map(mark)}</span>
    <span class="span-duration"></span>
  </div>`
}

/** A span as a bar that expands to its attributes, with its log lines. */
export function spanRow(row: ShownRow, options: SpanRowOptions): TemplateResult {
  const { span, depth, orphan, matches } = row
  const { trace, color, isOpen, isCollapsed, logs } = options
  const failed = isError(span)
  return html`<div class="span-item">
    <div class="span-line" ${styled({ '--depth': String(Math.min(depth, MAX_DEPTH)) })}>
      ${isCollapsed === undefined ? nothing : collapseButton(row, isCollapsed, options.onCollapse)}
      <button
        type="button"
        class="span-row ${failed ? 'span-failed' : ''} ${matches ? 'span-match' : ''}"
        aria-expanded=${String(isOpen)}
        @click=${options.onToggle}
      >
        <span class="span-name"
          ><span class="swatch" ${styled({ background: color })}></span><span class="span-label" title=${span.name}>${span.name}</span
          ><span class="muted span-service">${orphan ? `${span.service}, parent missing` : span.service}</span></span
        >
        ${trackView(row, trace, color)}
        <span class="span-duration"
          >${failed ? html`<span class="visually-hidden">failed, </span><span aria-hidden="true">✕ </span>` : nothing}${formatDurationMs(span.durationMs)}</span
        >
      </button>
    </div>
    ${isOpen ? spanDetail(span, trace, options.traceLink) : nothing}
    ${logs ? spanLogs(logs, trace.startMs) : nothing}
  </div>`
}

function collapseButton({ span, descendants }: ShownRow, isCollapsed: boolean, onCollapse: () => void): TemplateResult {
  const spans = `${formatCount(descendants)} ${plural(descendants, 'span')}`
  return html`<button
    type="button"
    class="span-fold"
    aria-expanded=${String(!isCollapsed)}
    aria-label="${spans} below ${span.name}"
    title="${isCollapsed ? 'Show' : 'Hide'} the ${spans} below"
    @click=${onCollapse}
  >
    ${isCollapsed ? '▸' : '▾'}
  </button>`
}

function trackView({ span }: ShownRow, { startMs, durationMs }: Trace, background: string): TemplateResult {
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
