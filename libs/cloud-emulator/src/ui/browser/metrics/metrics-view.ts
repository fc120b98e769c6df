import { html, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { MetricSummary } from '../../../contract/metrics.ts'
import type { AppContext } from '../app-context.ts'
import { el } from '../element.ts'
import { codeBlock, emptyState, otherProjects, writerExample } from '../empty-state.ts'
import { MetricDetail } from './metric-detail.ts'
import { MetricList } from './metric-list.ts'

/** All metric types, and beside them the chart of one. */
export class MetricsView {
  readonly element: HTMLElement
  readonly #app: AppContext
  readonly #list: MetricList
  readonly #host = el('section', { class: 'metric-detail' })
  readonly #detail: MetricDetail

  constructor(app: AppContext) {
    this.#app = app
    this.#list = new MetricList(app)
    this.#detail = new MetricDetail(app, this.#host)
    this.element = el('div', { class: 'metrics-view' }, this.#list.element, this.#host)
  }

  async refresh(signal: AbortSignal): Promise<void> {
    const metrics = [...(await this.#app.api.metrics(signal))].sort((a, b) => (a.type < b.type ? -1 : 1))
    const { id } = this.#app.route()
    this.element.classList.toggle('has-choice', id !== undefined)
    this.element.classList.toggle('nothing-yet', metrics.length === 0)
    if (metrics.length > 0) this.#list.show(metrics)
    const metric = metrics.find(({ type }) => type === id)
    if (metric !== undefined) return this.#detail.refresh(metric, signal)
    this.#detail.destroy()
    render(this.#otherView(metrics, id), this.#host)
  }

  focusSearch(): void {
    this.#list.focusSearch()
  }

  destroy(): void {
    this.#detail.destroy()
  }

  #otherView(metrics: readonly MetricSummary[], id: string | undefined): TemplateResult {
    const app = this.#app
    if (metrics.length === 0)
      return emptyState(
        'Nothing has been written yet',
        html`${otherProjects(app, 'metrics')}
          <p>Start the whole pipeline, which writes metrics:</p>
          ${codeBlock('npm start')}
          <p>or point Google’s own client at this emulator:</p>
          ${codeBlock(writerExample(app.summary()))}
          <p>Rejected data is listed under <a href=${app.link('writes')}>Writes</a>.</p>`,
      )
    return id === undefined
      ? emptyState(
          'Choose a metric',
          html`<p>Its chart and labels appear here, with a filter to copy into a dashboard.</p>`,
        )
      : emptyState('Not written', html`<p>No point of ${id} is stored.</p>`)
  }
}
