import type { Widget } from '../../../contract/dashboard.ts'
import { el } from '../element.ts'
import type { PlacedWidget } from './layout.ts'

/** The position of a tile in its grid, as CSS custom properties. */
export function placeStyle({ x, y, width, height }: PlacedWidget): Readonly<Record<string, string>> {
  return { '--x': String(x + 1), '--y': String(y + 1), '--w': String(width), '--h': String(height) }
}

/** The header of a section. */
export function sectionHeader(
  { title = '' }: Widget,
  { subtitle, dividerBelow }: NonNullable<Widget['sectionHeader']>,
  style: Readonly<Record<string, string>>,
): HTMLElement {
  return el(
    'header',
    { class: dividerBelow ? 'section-header section-header-divided' : 'section-header', style },
    el('h2', {}, title),
    subtitle ? el('p', {}, subtitle) : null,
  )
}

/** The titles of a group's views, of which one is shown. */
export function viewChooser(views: readonly Widget[], onChoose: (widget: Widget) => void): HTMLElement {
  const options = views.map(({ title = '' }, index) => el('option', { value: index }, title || `View ${index + 1}`))
  const chooser = el('select', { class: 'view-chooser', 'aria-label': 'View' }, ...options)
  chooser.addEventListener('change', () => {
    const widget = views[Number(chooser.value)]
    if (widget !== undefined) onChoose(widget)
  })
  return chooser
}
