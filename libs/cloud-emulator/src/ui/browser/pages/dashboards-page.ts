import type { Dashboard, DashboardFilter } from '../../../contract/dashboard.ts'
import type { LabelValues } from '../../../contract/metrics.ts'
import type { AppContext, Page } from '../app-context.ts'
import { DashboardView } from '../dashboard/dashboard-view.ts'
import { filterKey, filterSelector } from '../dashboard/filters.ts'
import { el } from '../element.ts'
import { codeBlock, emptyState } from '../empty-state.ts'

/** Parameters of the address that hold filter choices begin with this. */
const filterPrefix = 'f.'
const everything = '*'

/** A dashboard's id: the last part of its name. */
export function dashboardId(dashboard: Dashboard): string {
  return dashboard.name?.split('/').at(-1) ?? ''
}

function choicesOf(parameters: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name.startsWith(filterPrefix))
      .map(([name, value]) => [name.slice(filterPrefix.length), value]),
  )
}

/** The page of dashboards: their tabs, the chosen one's filters and its widgets. */
export function createDashboardsPage(app: AppContext): Page {
  const tabs = el('nav', { class: 'tabs', 'aria-label': 'Dashboards' })
  const filterBar = el('div', { class: 'filter-bar' })
  const content = el('div', { class: 'dashboard-host' })
  const element = el('div', { class: 'page' }, el('div', { class: 'page-bar' }, tabs, filterBar), content)

  let dashboards: readonly Dashboard[] | undefined
  let stale = true
  let shown: { key: string; view: DashboardView; filters: readonly DashboardFilter[] } | undefined
  let filterKeys = ''
  let shownTab = ''

  const showNothing = (): void => {
    shown?.view.destroy()
    shown = undefined
    filterBar.replaceChildren()
    const project = app.summary()?.project ?? 'demo-project'
    content.replaceChildren(
      emptyState(
        'No dashboards yet',
        el(
          'p',
          {},
          'Start the emulator with a folder of dashboards, one JSON file each, as Cloud Monitoring takes them:',
        ),
        codeBlock('npx cloud-emulator --dashboards deploy/dashboards'),
        el('p', {}, 'or send one to this emulator as to Google’s API:'),
        codeBlock(
          `curl -H 'content-type: application/json' --data @my-dashboard.json ${location.origin}/v1/projects/${project}/dashboards`,
        ),
        el('p', {}, 'Metrics need no dashboard: ', el('a', { href: app.link('metrics') }, 'see them all'), '.'),
      ),
    )
  }

  const drawTabs = (list: readonly Dashboard[], currentId: string): void => {
    tabs.replaceChildren(
      ...list.map((dashboard) => {
        const id = dashboardId(dashboard)
        return el(
          'a',
          { class: 'tab', href: app.link('dashboards', id), ...(id === currentId ? { 'aria-current': 'page' } : {}) },
          dashboard.displayName || id,
        )
      }),
    )
    if (shownTab === currentId) return
    shownTab = currentId
    const current = tabs.querySelector<HTMLElement>('[aria-current]')
    if (current) tabs.scrollLeft = current.offsetLeft - (tabs.clientWidth - current.offsetWidth) / 2
  }

  const valuesOf = (labels: LabelValues, filter: DashboardFilter): readonly string[] => {
    const all = filter.filterType === 'METRIC_LABEL' ? labels.metricLabels : labels.resourceLabels
    return all[filter.labelKey ?? ''] ?? []
  }

  const drawFilters = (labels: LabelValues): void => {
    const choices = choicesOf(app.route().parameters)
    const filters = shown?.filters ?? []
    const usable = filters.filter((filter) => filterSelector(filter) !== undefined)
    const unusable = filters.filter((filter) => filterSelector(filter) === undefined)
    const key = JSON.stringify([filters, choices, usable.map((filter) => valuesOf(labels, filter))])
    if (key === filterKeys) return
    filterKeys = key
    filterBar.replaceChildren(
      ...usable.map((filter) => {
        const name = filterKey(filter)
        const chosen = choices[name] ?? filter.stringValue ?? ''
        const values = new Set([...valuesOf(labels, filter), ...(chosen && chosen !== everything ? [chosen] : [])])
        const select = el(
          'select',
          { class: 'select', 'aria-label': name },
          el('option', { value: everything }, 'all'),
          ...[...values].sort().map((value) => el('option', { value, selected: value === chosen }, value)),
        )
        select.addEventListener('change', () => {
          const value = select.value === everything && !filter.stringValue ? '' : select.value
          app.setParameters({ [`${filterPrefix}${name}`]: value })
        })
        return el('label', { class: 'filter' }, el('span', {}, name), select)
      }),
      ...unusable.map((filter) =>
        el(
          'span',
          { class: 'filter muted', 'data-undrawn': '' },
          `${filterKey(filter)}: a filter by ${filter.filterType ?? 'FILTER_TYPE_UNSPECIFIED'} does nothing here`,
        ),
      ),
    )
  }

  return {
    element,
    async refresh(signal) {
      if (stale || dashboards === undefined) {
        dashboards = await app.api.dashboards(signal)
        stale = false
      }
      if (dashboards.length === 0) {
        tabs.replaceChildren()
        showNothing()
        return
      }
      const { id, parameters } = app.route()
      const dashboard = dashboards.find((one) => dashboardId(one) === id) ?? dashboards[0]
      if (!dashboard) return
      drawTabs(dashboards, dashboardId(dashboard))
      if (id !== undefined && id !== dashboardId(dashboard)) {
        shown?.view.destroy()
        shown = undefined
        filterBar.replaceChildren()
        content.replaceChildren(
          emptyState(`There is no dashboard “${id}”`, el('p', {}, 'The tabs above are all there are in this project.')),
        )
        return
      }

      const key = JSON.stringify(dashboard)
      if (shown?.key !== key) {
        shown?.view.destroy()
        const view = new DashboardView(dashboard, app)
        shown = { key, view, filters: dashboard.dashboardFilters ?? [] }
        filterKeys = ''
        content.replaceChildren(view.element)
      }
      if (shown.filters.length === 0) filterBar.replaceChildren()
      else if (filterKeys === '') drawFilters({ metricLabels: {}, resourceTypes: [], resourceLabels: {} })
      const labels = shown.filters.length > 0 ? app.api.labels(undefined, signal) : undefined
      await shown.view.refresh(choicesOf(parameters), signal)
      if (labels) drawFilters(await labels)
    },
    changed(event) {
      if (event.dashboards > 0) stale = true
    },
    focusSearch: () => tabs.querySelector('a')?.focus(),
    destroy: () => shown?.view.destroy(),
  }
}
