import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatExactValue } from '@node-to-cloud/browser-kit/format/value'
import type { HeatmapCell } from './heatmap-cells.ts'

/** The colour scale of a heatmap: from one value in a cell to the maximum of any cell. */
export function colorScaleView(largest: number): TemplateResult | typeof nothing {
  if (largest <= 0) return nothing
  return html`<div class="heat-scale" title="The number of values in a cell, on a logarithmic scale">
    <span>1</span><span class="heat-ramp" aria-hidden="true"></span><span>${formatCount(largest)}</span>
    <span class="muted">values in a cell · ● exemplar</span>
  </div>`
}

interface CellOptions {
  readonly unit: string
  /** Whether the card is over the chart, not below it. */
  readonly above: boolean
  readonly traceLink: (traceId: string) => string
  readonly onClose: () => void
}

/** A chosen cell with links to the traces of its exemplars. */
export function cellView(
  { startMs, endMs, range, count, exemplars }: HeatmapCell,
  { unit, above, traceLink, onClose }: CellOptions,
): TemplateResult {
  const values = `${formatCount(count)} ${plural(count, 'value')}`
  return html`<section class=${above ? 'heat-cell heat-cell-above' : 'heat-cell'} aria-label="The chosen cell">
    <button type="button" class="button icon-button heat-close" aria-label="Close the cell" @click=${onClose}>✕</button>
    <strong>${range}</strong>
    <p class="muted">${formatClock(startMs)} – ${formatClock(endMs)} · ${values}</p>
    ${
      exemplars.length === 0
        ? html`<p class="muted">There are no stored exemplars for this cell.</p>`
        : html`<ul>
            ${exemplars.map(
              ({ timeMs, value, traceId }) =>
                html`<li>
                  ${formatClock(timeMs)} <strong>${formatExactValue(value, unit)}</strong>
                  ${traceId === undefined ? 'without a trace' : html`<a href=${traceLink(traceId)}>trace ${traceId.slice(0, 8)}</a>`}
                </li>`,
            )}
          </ul>`
    }
  </section>`
}
