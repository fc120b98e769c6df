import { plural } from '../../../format/plural.ts'
import { html, ref, render, repeat } from '../view.ts'
import { withLayout } from './layout-batch.ts'

/** The name of a series, and the style of its line. */
export interface LegendEntry {
  readonly name: string
  readonly color: string
  readonly dashed: boolean
}

/** The legend of a chart, of fixed size, with a button that shows the names that don't fit. */
export interface SeriesLegend {
  show(
    entries: readonly LegendEntry[],
    state: { readonly hidden: ReadonlySet<string>; readonly invisible: boolean },
  ): void
  /** Marks the hidden series. */
  press(hidden: ReadonlySet<string>): void
  destroy(): void
}

interface LegendEvents {
  readonly onToggle: (name: string) => void
  readonly onIsolate: (name: string) => void
}

/** Creates an empty legend in `host`. */
export function createSeriesLegend(host: HTMLElement, events: LegendEvents): SeriesLegend {
  let shown: readonly LegendEntry[] = []
  let hidden: ReadonlySet<string> = new Set()
  const list = document.createElement('div')
  list.className = 'legend-list'
  const more = document.createElement('button')
  more.type = 'button'
  more.className = 'legend-more'
  more.hidden = true
  host.replaceChildren(list, more)

  const rest = (): number =>
    [...list.querySelectorAll<HTMLElement>('.legend-entry')].filter((one) => one.offsetTop >= list.clientHeight).length
  const nameRest = (): (() => void) => {
    const open = host.classList.contains('legend-open')
    const count = rest()
    return () => {
      more.textContent = open ? 'Fewer' : `+${count}`
      more.title = open ? 'Show fewer names' : `Show ${count} more ${plural(count, 'name')}`
      more.setAttribute('aria-expanded', String(open))
    }
  }
  const countRest = (): void => {
    more.hidden = true
    if (shown.length === 0) return
    withLayout(() => {
      if (!host.classList.contains('legend-open') && rest() === 0) return undefined
      // The button takes space too, so it is only known what fits once it is shown.
      return () => {
        more.hidden = false
        more.textContent = '+00'
        withLayout(nameRest)
      }
    })
  }
  more.addEventListener('click', () => {
    host.classList.toggle('legend-open')
    countRest()
  })
  const observer = new ResizeObserver(countRest)
  observer.observe(host)
  const draw = (): void => {
    const rows = repeat(
      shown,
      ({ name }) => name,
      (entry) => entryView(entry, hidden, events),
    )
    render(rows, list)
  }

  return {
    show(entries, state) {
      shown = entries
      hidden = state.hidden
      host.classList.toggle('legend-empty', state.invisible)
      draw()
      countRest()
    },
    press(next) {
      hidden = next
      draw()
    },
    destroy: () => observer.disconnect(),
  }
}

function entryView({ name, color, dashed }: LegendEntry, hidden: ReadonlySet<string>, events: LegendEvents) {
  const paint = (swatch: Element | undefined): void => {
    if (swatch instanceof HTMLElement) swatch.style.background = color
  }
  return html`<button
    type="button"
    class="legend-entry"
    aria-pressed=${String(!hidden.has(name))}
    title="${name}: hide or show; double-click shows only it"
    @click=${() => events.onToggle(name)}
    @dblclick=${() => events.onIsolate(name)}
  >
    <span class=${dashed ? 'swatch swatch-dashed' : 'swatch'} ${ref(paint)}></span
    ><span class="legend-name">${name}</span>
  </button>`
}
