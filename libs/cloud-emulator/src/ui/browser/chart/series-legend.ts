import { el } from '../element.ts'

/** The name of a series, with the look of its line. */
export interface LegendEntry {
  readonly name: string
  readonly color: string
  readonly dashed: boolean
}

/** The names of a chart's series in a space of fixed size, with a button that shows those that don't fit. */
export interface SeriesLegend {
  show(
    entries: readonly LegendEntry[],
    state: { readonly hidden: ReadonlySet<string>; readonly invisible: boolean },
  ): void
  /** Marks the hidden series. */
  press(hidden: ReadonlySet<string>): void
  destroy(): void
}

export function createSeriesLegend(
  host: HTMLElement,
  events: { readonly onToggle: (name: string) => void; readonly onIsolate: (name: string) => void },
): SeriesLegend {
  const list = el('div', { class: 'legend-list' })
  const more = el('button', { type: 'button', class: 'legend-more', 'aria-expanded': 'false', hidden: true })
  host.replaceChildren(list, more)

  const rest = (): number =>
    [...list.querySelectorAll<HTMLElement>('.legend-entry')].filter((one) => one.offsetTop >= list.clientHeight).length

  const countRest = (): void => {
    const open = host.classList.contains('legend-open')
    more.hidden = true
    if (!open && rest() === 0) return
    // The button takes space too, so what fits is only known once it is shown.
    more.hidden = false
    more.textContent = '+00'
    const hidden = rest()
    more.textContent = open ? 'Fewer' : `+${hidden}`
    more.title = open ? 'Show fewer names' : `Show ${hidden} more names`
    more.setAttribute('aria-expanded', String(open))
  }
  more.addEventListener('click', () => {
    host.classList.toggle('legend-open')
    countRest()
  })
  const observer = new ResizeObserver(countRest)
  observer.observe(host)

  return {
    show(entries, { hidden, invisible }) {
      host.classList.toggle('legend-empty', invisible)
      list.replaceChildren(
        ...entries.map(({ name, color, dashed }) =>
          el(
            'button',
            {
              type: 'button',
              class: 'legend-entry',
              'aria-pressed': hidden.has(name) ? 'false' : 'true',
              title: `${name}: hide or show; double-click shows only it`,
              onclick: () => events.onToggle(name),
              ondblclick: () => events.onIsolate(name),
            },
            el('span', { class: dashed ? 'swatch swatch-dashed' : 'swatch', style: { background: color } }),
            el('span', { class: 'legend-name' }, name),
          ),
        ),
      )
      countRest()
    },
    press(hidden) {
      for (const button of list.querySelectorAll('button')) {
        const name = button.querySelector('.legend-name')?.textContent ?? ''
        button.setAttribute('aria-pressed', hidden.has(name) ? 'false' : 'true')
      }
    },
    destroy: () => observer.disconnect(),
  }
}
