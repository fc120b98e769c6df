import { html, ifDefined, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { AppContext, Page } from '../app-context.ts'
import { el } from '../element.ts'
import { MetricsView } from '../metrics/metrics-view.ts'
import { PromqlTab } from '../metrics/promql/promql-tab.ts'

/** The metrics explorer: all metric types with a chart of one, and a tab for PromQL queries. */
export class MetricsPage implements Page {
  readonly element = el('div', { class: 'page metrics-page' })
  readonly #app: AppContext
  readonly #metrics: MetricsView
  #promql: PromqlTab | undefined

  constructor(app: AppContext) {
    this.#app = app
    this.#metrics = new MetricsView(app)
  }

  async refresh(signal: AbortSignal): Promise<void> {
    const isPromql = this.#isPromql()
    this.#promql ??= new PromqlTab(
      this.#app,
      this.#app.route().parameters.project || this.#app.summary()?.project || '-',
    )
    const shown = isPromql ? this.#promql : this.#metrics
    render(html`${this.#tabs(isPromql)}${shown.element}`, this.element)
    await shown.refresh(signal)
  }

  focusSearch(): void {
    if (this.#isPromql()) this.#promql?.focusSearch()
    else this.#metrics.focusSearch()
  }

  destroy(): void {
    this.#metrics.destroy()
    this.#promql?.destroy()
  }

  #isPromql(): boolean {
    return this.#app.route().parameters.tab === 'promql'
  }

  #tabs(isPromql: boolean): TemplateResult {
    const tab = (name: string, href: string, isCurrent: boolean): TemplateResult =>
      html`<a class="tab" href=${href} aria-current=${ifDefined(isCurrent ? 'page' : undefined)}>${name}</a>`
    return html`<nav class="page-bar tabs" aria-label="Explorer">
      ${tab('Metrics', this.#app.link('metrics'), !isPromql)}
      ${tab('PromQL', this.#app.link('metrics', undefined, { tab: 'promql' }), isPromql)}
    </nav>`
  }
}
