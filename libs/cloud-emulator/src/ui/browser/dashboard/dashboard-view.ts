import type { Dashboard } from '../../../contract/dashboard.ts'
import type { AppContext } from '../app-context.ts'
import { el } from '../element.ts'
import type { FilterChoices } from './filters.ts'
import { layOut, type PlacedWidget, type Section } from './layout.ts'
import { LiveWidgets } from './live-widgets.ts'
import { placeStyle, sectionHeader, viewChooser } from './tile-parts.ts'

/** A dashboard: its sections with their tiles. */
export class DashboardView {
  readonly element: HTMLElement
  readonly #widgets: LiveWidgets

  constructor(dashboard: Dashboard, app: AppContext) {
    this.#widgets = new LiveWidgets(dashboard, app)
    const sections = layOut(dashboard).map((section) => this.#section(section))
    this.element = el(
      'div',
      { class: 'dashboard' },
      ...(sections.length > 0 ? sections : [el('p', { class: 'muted' }, 'This dashboard has no widgets.')]),
    )
  }

  #section(section: Section): HTMLElement {
    const grid = el(
      'div',
      { class: 'grid', style: { '--columns': String(section.columns), '--row-columns': String(section.rowColumns) } },
      ...section.tiles.map((tile) => this.#tile(tile, section)),
    )
    const { title, collapsed } = section
    this.#widgets.setOpen(section, title === undefined || !collapsed)
    if (title === undefined) return grid
    const details = el('details', { class: 'group', open: !collapsed }, el('summary', {}, title), grid)
    details.addEventListener('toggle', () => {
      if (details.open === this.#widgets.isOpen(section)) return
      this.#widgets.setOpen(section, details.open)
      this.#widgets.reload()
    })
    return details
  }

  #tile(tile: PlacedWidget, section: Section): HTMLElement {
    const { widget } = tile
    const style = placeStyle(tile)
    if (widget.sectionHeader) return sectionHeader(widget, widget.sectionHeader, style)
    const view = this.#widgets.mount(widget, section)
    const body = el('div', { class: 'tile-body' }, view.body)
    if (tile.views !== undefined && tile.views.length > 1) {
      let shown = view
      const chooser = viewChooser(tile.views, (chosen) => {
        shown = this.#widgets.mount(chosen, section, shown)
        body.replaceChildren(shown.body)
        this.#widgets.reload()
      })
      return el('article', { class: 'tile', style }, el('div', { class: 'tile-title' }, chooser), body)
    }
    return el(
      'article',
      { class: 'tile', style },
      widget.title ? el('h2', { class: 'tile-title', title: widget.title }, widget.title) : null,
      body,
    )
  }

  /** Queries and draws the visible widgets. */
  refresh(choices: FilterChoices, signal: AbortSignal): Promise<void> {
    return this.#widgets.refresh(choices, signal)
  }

  destroy(): void {
    this.#widgets.destroy()
  }
}
