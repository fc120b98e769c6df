import { html, nothing, render } from '../view.ts'

/** A series in the tooltip. */
export interface TooltipRow {
  readonly color: string
  readonly name: string
  readonly value: string
}

/** What the tooltip shows. */
export interface TooltipContent {
  readonly heading: string
  readonly note?: string
  readonly rows: readonly TooltipRow[]
}

const MAX_ROWS = 12
const GAP = 14

/** The page's only tooltip. It is above everything else, so that no tile clips it. */
export interface Tooltip {
  show(content: TooltipContent, clientX: number, clientY: number): void
  hide(): void
}

function build(): Tooltip {
  const box = document.createElement('div')
  box.className = 'tooltip'
  box.setAttribute('role', 'status')
  box.hidden = true
  document.body.append(box)
  return {
    show(content, clientX, clientY) {
      render(tooltipView(content), box)
      const rows = content.rows.slice(0, MAX_ROWS)
      box.querySelectorAll<HTMLElement>('.swatch').forEach((swatch, index) => {
        swatch.style.background = rows[index]?.color ?? ''
      })
      box.hidden = false
      const { width, height } = box.getBoundingClientRect()
      const right = clientX + GAP + width <= window.innerWidth ? clientX + GAP : clientX - GAP - width
      const top = Math.min(Math.max(8, clientY - height / 2), window.innerHeight - height - 8)
      box.style.setProperty('transform', `translate(${Math.round(Math.max(8, right))}px, ${Math.round(top)}px)`)
    },
    hide() {
      box.hidden = true
    },
  }
}

function tooltipView({ heading, note, rows }: TooltipContent) {
  const more = rows.length - MAX_ROWS
  // No spaces between elements, so that screen readers and tests get only the text.
  const rowView = ({ name, value }: TooltipRow) =>
    html`<div class="tooltip-row"><span class="swatch"></span><span class="tooltip-name">${name}</span><span class="tooltip-value">${value}</span></div>`
  return html`<div class="tooltip-heading">${heading}${note ? html`<span class="tooltip-note">${note}</span>` : nothing}</div>${rows.slice(0, MAX_ROWS).map(rowView)}${more > 0 ? html`<div class="tooltip-note">and ${more} more</div>` : nothing}`
}

let shared: Tooltip | undefined

/** The page's tooltip, created on first use. */
export function tooltip(): Tooltip {
  shared ??= build()
  return shared
}
