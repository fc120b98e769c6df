import { el } from '../element.ts'

export interface TooltipRow {
  readonly color: string
  readonly name: string
  readonly value: string
}

export interface TooltipContent {
  readonly heading: string
  readonly note?: string
  readonly rows: readonly TooltipRow[]
}

const MAX_ROWS = 12
const GAP = 14

/** The page's only tooltip. It is above everything, so that no tile cuts it off. */
export interface Tooltip {
  show(content: TooltipContent, clientX: number, clientY: number): void
  hide(): void
}

function build(): Tooltip {
  const box = el('div', { class: 'tooltip', role: 'status', hidden: true })
  document.body.append(box)
  return {
    show(content, clientX, clientY) {
      const rows = content.rows.slice(0, MAX_ROWS)
      box.replaceChildren(
        el(
          'div',
          { class: 'tooltip-heading' },
          content.heading,
          content.note ? el('span', { class: 'tooltip-note' }, content.note) : null,
        ),
        ...rows.map((row) =>
          el(
            'div',
            { class: 'tooltip-row' },
            el('span', { class: 'swatch', style: { background: row.color } }),
            el('span', { class: 'tooltip-name' }, row.name),
            el('span', { class: 'tooltip-value' }, row.value),
          ),
        ),
      )
      if (content.rows.length > MAX_ROWS) {
        box.append(el('div', { class: 'tooltip-note' }, `and ${content.rows.length - MAX_ROWS} more`))
      }
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

let shared: Tooltip | undefined

/** The page's tooltip, created on first use. */
export function tooltip(): Tooltip {
  shared ??= build()
  return shared
}
