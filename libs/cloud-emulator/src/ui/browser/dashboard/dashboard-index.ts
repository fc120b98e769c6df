import { searchField } from '@node-to-cloud/browser-kit/browser/fields'
import { html, nothing, render, repeat } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { hasWords } from '@node-to-cloud/browser-kit/format/words'
import type { Dashboard } from '../../../contract/dashboard.ts'

/** More dashboards than this do not fit into a row of tabs. */
export const MAX_TABS = 8

/** The last part of a dashboard's name; empty if it has no name. */
export function dashboardId(dashboard: Dashboard): string {
  return dashboard.name?.split('/').at(-1) ?? ''
}

/** The label of dashboards that come first, such as the application's. */
const HOME_LABEL = 'home'

function nameOf(dashboard: Dashboard): string {
  return dashboard.displayName || dashboardId(dashboard)
}

/** Dashboards with the label `home` come first, the others by name. */
export function inOrder(dashboards: readonly Dashboard[]): readonly Dashboard[] {
  const isHome = ({ labels }: Dashboard): boolean => labels?.[HOME_LABEL] !== undefined
  return dashboards.toSorted((a, b) => Number(isHome(b)) - Number(isHome(a)) || nameOf(a).localeCompare(nameOf(b)))
}

/** The dashboards whose names, IDs and widgets contain all words of a search. */
export function findDashboards(dashboards: readonly Dashboard[], search: string): readonly Dashboard[] {
  return dashboards.filter((dashboard) =>
    hasWords(`${dashboard.displayName ?? ''} ${dashboardId(dashboard)} ${titlesOf(dashboard)}`, search),
  )
}

function widgetsOf({ mosaicLayout, gridLayout, rowLayout, columnLayout }: Dashboard) {
  return [
    ...(mosaicLayout?.tiles ?? []).map((tile) => tile.widget),
    ...(gridLayout?.widgets ?? []),
    ...(rowLayout?.rows ?? []).flatMap((row) => row.widgets ?? []),
    ...(columnLayout?.columns ?? []).flatMap((column) => column.widgets ?? []),
  ].filter((widget) => widget !== undefined)
}

function titlesOf(dashboard: Dashboard): string {
  return widgetsOf(dashboard)
    .map((widget) => widget.title ?? '')
    .join(' ')
}

/** A searchable list of dashboards. */
export interface DashboardIndex {
  readonly element: HTMLElement
  show(dashboards: readonly Dashboard[]): void
  focusSearch(): void
}

export function createDashboardIndex(link: (id: string) => string): DashboardIndex {
  const element = document.createElement('div')
  element.className = 'dashboard-index'
  let all: readonly Dashboard[] = []
  let search = ''
  const draw = (): void => {
    render(view(), element)
  }
  const view = () => {
    const found = findDashboards(all, search)
    return html`<div class="search-bar">
        ${searchField({
          label: 'Find a dashboard',
          placeholder: 'Find a dashboard or a chart',
          value: search,
          note: `${found.length} of ${all.length}`,
          onChange: (value) => {
            search = value
            draw()
          },
          onEnter: () => element.querySelector('a')?.click(),
        })}
      </div>
      <ul class="dashboard-links">
        ${repeat(found, dashboardId, (dashboard) => {
          const id = dashboardId(dashboard)
          const widgets = widgetsOf(dashboard).length
          return html`<li>
            <a href=${link(id)}><strong>${nameOf(dashboard)}</strong> <span class="muted">${widgets} ${plural(widgets, 'widget')}</span></a>
          </li>`
        })}
      </ul>
      ${found.length === 0 ? html`<p class="muted">No dashboard matches.</p>` : nothing}`
  }
  return {
    element,
    show(dashboards) {
      all = dashboards
      draw()
    },
    focusSearch: () => element.querySelector('input')?.focus(),
  }
}
