import type { Dashboard, DashboardFilter } from '../../../contract/dashboard.ts'
import type { LabelValues } from '../../../contract/metrics.ts'
import type { AppContext, Page } from '../app-context.ts'
import { createDashboardIndex, dashboardId, MAX_TABS } from '../dashboard/dashboard-index.ts'
import { DashboardView } from '../dashboard/dashboard-view.ts'
import { filterKey, filterSelector } from '../dashboard/filters.ts'
import { el } from '../element.ts'
import { codeBlock, emptyState } from '../empty-state.ts'

/** The prefix of the address parameters that hold filter values. */
const FILTER_PREFIX = 'f.'
const MATCH_ALL = '*'

function choicesOf(parameters: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name.startsWith(FILTER_PREFIX))
      .map(([name, value]) => [name.slice(FILTER_PREFIX.length), value]),
  )
}

/** Shows the dashboards as tabs, and one dashboard with its filters and widgets. */
export function createDashboardsPage(app: AppContext): Page {
  const tabs = el('nav', { class: 'tabs', 'aria-label': 'Dashboards' })
  const filterBar = el('div', { class: 'filter-bar' })
  const content = el('div', { class: 'dashboard-host' })
  const element = el('div', { class: 'page' }, el('div', { class: 'page-bar' }, tabs, filterBar), content)

  const index = createDashboardIndex((id) => app.link('dashboards', id))
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
        el('p', {}, 'Start the emulator with a folder of dashboards in Cloud Monitoring’s JSON format:'),
        codeBlock('npx cloud-emulator --dashboards deploy/dashboards'),
        el('p', {}, 'or create one through the API:'),
        codeBlock(
          `curl -H 'content-type: application/json' --data @my-dashboard.json ${location.origin}/v1/projects/${project}/dashboards`,
        ),
        el(
          'p',
          {},
          'Or look at single metrics in the ',
          el('a', { href: app.link('metrics') }, 'metrics explorer'),
          '.',
        ),
      ),
    )
  }

  const showIndex = (list: readonly Dashboard[]): void => {
    shown?.view.destroy()
    shown = undefined
    tabs.replaceChildren()
    filterBar.replaceChildren()
    if (content.firstElementChild !== index.element) content.replaceChildren(index.element)
    index.show(list)
  }

  const drawTabs = (list: readonly Dashboard[], currentId: string): void => {
    if (list.length > MAX_TABS) {
      const current = list.find((one) => dashboardId(one) === currentId)
      tabs.replaceChildren(
        el('a', { class: 'tab', href: app.link('dashboards') }, `← All ${list.length} dashboards`),
        el('strong', { class: 'tab-name' }, current?.displayName || currentId),
      )
      return
    }
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
        const values = new Set([...valuesOf(labels, filter), ...(chosen && chosen !== MATCH_ALL ? [chosen] : [])])
        const select = el(
          'select',
          { class: 'select', 'aria-label': name },
          el('option', { value: MATCH_ALL }, 'all'),
          ...[...values].sort().map((value) => el('option', { value, selected: value === chosen }, value)),
        )
        select.addEventListener('change', () => {
          const value = select.value === MATCH_ALL && !filter.stringValue ? '' : select.value
          app.setParameters({ [`${FILTER_PREFIX}${name}`]: value })
        })
        return el('label', { class: 'filter' }, el('span', {}, name), select)
      }),
      ...unusable.map((filter) =>
        el(
          'span',
          { class: 'filter muted', 'data-undrawn': '' },
          `${filterKey(filter)}: filters by ${filter.filterType ?? 'FILTER_TYPE_UNSPECIFIED'} have no effect here`,
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
      if (id === undefined && dashboards.length > MAX_TABS) {
        showIndex(dashboards)
        return
      }
      const dashboard = dashboards.find((one) => dashboardId(one) === id) ?? dashboards[0]
      if (!dashboard) return
      drawTabs(dashboards, dashboardId(dashboard))
      if (id !== undefined && id !== dashboardId(dashboard)) {
        shown?.view.destroy()
        shown = undefined
        filterBar.replaceChildren()
        content.replaceChildren(
          emptyState(
            `There is no dashboard “${id}”`,
            el('p', {}, el('a', { href: app.link('dashboards') }, 'All dashboards of this project'), '.'),
          ),
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
    focusSearch: () => (index.element.isConnected ? index.focusSearch() : tabs.querySelector('a')?.focus()),
    destroy: () => shown?.view.destroy(),
  }
}
