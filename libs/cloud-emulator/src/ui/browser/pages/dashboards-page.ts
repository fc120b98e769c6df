import { html, ifDefined, nothing, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { Dashboard } from '../../../contract/dashboard.ts'
import type { LabelValues } from '../../../contract/metrics.ts'
import type { ChangeEvent } from '../../../contract/summary.ts'
import type { AppContext, Page } from '../app-context.ts'
import { createDashboardIndex, dashboardId, inOrder, MAX_TABS } from '../dashboard/dashboard-index.ts'
import { DashboardView } from '../dashboard/dashboard-view.ts'
import { choicesOf, filterBarView } from '../dashboard/filter-bar.ts'
import { el } from '../element.ts'
import { codeBlock, emptyState, otherProjects } from '../empty-state.ts'

const NO_LABELS: LabelValues = { metricLabels: {}, resourceTypes: [], resourceLabels: {} }

/** Shows the dashboards as tabs or an index, and one dashboard with its filters and widgets. */
export class DashboardsPage implements Page {
  readonly element = el('div', { class: 'page' })
  readonly #app: AppContext
  readonly #index: ReturnType<typeof createDashboardIndex>
  #dashboards: readonly Dashboard[] | undefined
  #stale = true
  #shown: { readonly key: string; readonly view: DashboardView } | undefined
  #labels = NO_LABELS
  #shownTab = ''

  constructor(app: AppContext) {
    this.#app = app
    this.#index = createDashboardIndex((id) => app.link('dashboards', id))
  }

  async refresh(signal: AbortSignal): Promise<void> {
    if (this.#stale || this.#dashboards === undefined) {
      this.#dashboards = inOrder(await this.#app.api.dashboards(signal))
      this.#stale = false
    }
    const { id } = this.#app.route()
    const list = this.#dashboards
    const dashboard = list.find((one) => dashboardId(one) === id) ?? (id === undefined ? list[0] : undefined)
    if (list.length === 0) this.#showOther(nothing, this.#noDashboards())
    else if (id === undefined && list.length > MAX_TABS) {
      this.#index.show(list)
      this.#showOther(nothing, html`${this.#index.element}`)
    } else if (dashboard === undefined) this.#showOther(this.#tabs(list, ''), this.#unknown(id ?? ''))
    else await this.#showDashboard(dashboard, list, signal)
  }

  changed(event: ChangeEvent): void {
    if (event.dashboards > 0) this.#stale = true
  }

  focusSearch(): void {
    if (this.#index.element.isConnected) this.#index.focusSearch()
    else this.element.querySelector<HTMLElement>('.tab')?.focus()
  }

  destroy(): void {
    this.#shown?.view.destroy()
  }

  async #showDashboard(dashboard: Dashboard, list: readonly Dashboard[], signal: AbortSignal): Promise<void> {
    const app = this.#app
    const key = JSON.stringify(dashboard)
    if (this.#shown?.key !== key) {
      this.#shown?.view.destroy()
      this.#shown = { key, view: new DashboardView(dashboard, app) }
      this.#labels = NO_LABELS
    }
    const { view } = this.#shown
    const draw = (): void =>
      this.#draw(
        this.#tabs(list, dashboardId(dashboard)),
        filterBarView(app, dashboard, this.#labels),
        html`${view.element}`,
      )
    const labels = dashboard.dashboardFilters?.length ? app.api.labels(undefined, signal) : undefined
    const refreshed = view.refresh(choicesOf(app.route().parameters), signal)
    draw()
    this.#scrollToTab(dashboardId(dashboard))
    await refreshed
    if (labels === undefined) return
    this.#labels = await labels
    draw()
  }

  #showOther(tabs: unknown, content: TemplateResult): void {
    this.#shown?.view.destroy()
    this.#shown = undefined
    this.#draw(tabs, nothing, content)
  }

  #draw(tabs: unknown, filters: unknown, content: TemplateResult): void {
    render(
      html`<div class="page-bar">
          <nav class="tabs" aria-label="Dashboards">${tabs}</nav>
          <div class="filter-bar">${filters}</div>
        </div>
        <div class="dashboard-host">${content}</div>`,
      this.element,
    )
  }

  #tabs(list: readonly Dashboard[], currentId: string): TemplateResult {
    const link = (id?: string): string => this.#app.link('dashboards', id)
    if (list.length > MAX_TABS) {
      const current = list.find((one) => dashboardId(one) === currentId)
      return html`<a class="tab" href=${link()}>← All ${list.length} dashboards</a>
        <strong class="tab-name">${current?.displayName || currentId}</strong>`
    }
    return html`${list.map((dashboard) => {
      const id = dashboardId(dashboard)
      const name = dashboard.displayName || id
      const current = ifDefined(id === currentId ? 'page' : undefined)
      return html`<a class="tab" href=${link(id)} title=${name} aria-current=${current}>${name}</a>`
    })}`
  }

  /** Scrolls the tab of another dashboard into view, once. */
  #scrollToTab(id: string): void {
    if (this.#shownTab === id) return
    this.#shownTab = id
    const tabs = this.element.querySelector('.tabs')
    const current = tabs?.querySelector<HTMLElement>('[aria-current]')
    if (tabs && current) tabs.scrollLeft = current.offsetLeft - (tabs.clientWidth - current.offsetWidth) / 2
  }

  #unknown(id: string): TemplateResult {
    const all = html`<p><a href=${this.#app.link('dashboards')}>All dashboards of this project</a>.</p>`
    return emptyState(`There is no dashboard “${id}”`, all)
  }

  #noDashboards(): TemplateResult {
    const project = this.#app.summary()?.project ?? 'demo-project'
    const url = `${location.origin}/v1/projects/${project}/dashboards`
    return emptyState(
      'No dashboards yet',
      html`${otherProjects(this.#app, 'dashboards')}
        <p>Start the emulator with a folder of dashboards in Cloud Monitoring’s JSON format:</p>
        ${codeBlock('npx cloud-emulator --dashboards deploy/dashboards')}
        <p>or create one through the API:</p>
        ${codeBlock(`curl -H 'content-type: application/json' --data @my-dashboard.json ${url}`)}
        <p>Or look at single metrics in the <a href=${this.#app.link('metrics')}>metrics explorer</a>.</p>`,
    )
  }
}
