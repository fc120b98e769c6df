import { styled } from '@node-to-cloud/browser-kit/browser/styled'
import { html, nothing, svg, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatExactValue, formatPercent } from '@node-to-cloud/browser-kit/format/value'
import { type Slice, slicePath } from './pie-slices.ts'

export interface PieOptions {
  readonly title: string
  readonly isDonut: boolean
  readonly showLabels: boolean
  readonly unit: string
}

/** Slices smaller than this have no room for a label. */
const LABELLED_SHARE = 0.06

/** A pie with a list of its slices in their colours. */
export function pieView(slices: readonly Slice[], colors: readonly string[], options: PieOptions): TemplateResult {
  const starts = slices.map((_, index) => slices.slice(0, index).reduce((sum, { share }) => sum + share, 0))
  const path = ({ name, value, share }: Slice, index: number): TemplateResult => {
    const from = starts[index] ?? 0
    const text = `${name}: ${formatExactValue(value, options.unit)}, ${formatPercent(share)}`
    return svg`<path class="pie-slice" d=${slicePath(from, from + share, options.isDonut)} ${styled({ fill: colors[index] ?? '' })}><title>${text}</title></path>`
  }
  const label = ({ share }: Slice, index: number): TemplateResult | typeof nothing => {
    if (!options.showLabels || share < LABELLED_SHARE) return nothing
    const angle = 2 * Math.PI * ((starts[index] ?? 0) + share / 2) - Math.PI / 2
    const radius = options.isDonut ? 38 : 32
    return svg`<text class="pie-label" x=${50 + radius * Math.cos(angle)} y=${50 + radius * Math.sin(angle)}>${formatPercent(share)}</text>`
  }
  const total = slices.reduce((sum, { value }) => sum + value, 0)
  const middle = options.isDonut
    ? svg`<text class="pie-total" x="50" y="50">${formatExactValue(total, options.unit)}</text>`
    : nothing
  return html`<svg class="pie" viewBox="0 0 100 100" role="img" aria-label="${options.title || 'Pie'}: shares, listed beside it">
      ${slices.map(path)} ${slices.map(label)} ${middle}
    </svg>
    <ul class="pie-legend">
      ${slices.map(
        ({ name, value, share }, index) =>
          html`<li>
            <span class="swatch" ${styled({ background: colors[index] ?? '' })}></span>
            <span class="pie-name" title=${name}>${name}</span>
            <span class="number">${formatExactValue(value, options.unit)}</span>
            <span class="number muted">${formatPercent(share)}</span>
          </li>`,
      )}
    </ul>`
}
