import { html, render } from '@node-to-cloud/browser-kit/browser/view'
import type { RunReport, TimelinePoint } from '../../../contract/run-report.ts'
import { LineChart } from '../line-chart.ts'
import { CHARTS, chartData, SPANS } from './run-charts.ts'

/** The live charts of a run. They are updated, not created again, at each rendering. */
export class ChartsView {
  readonly root = document.createElement('div')
  readonly #charts = CHARTS.map((chart) => ({ chart, view: new LineChart(chart) }))
  #seconds = Number.POSITIVE_INFINITY
  #timeline: readonly TimelinePoint[] = []

  constructor() {
    this.root.className = 'stack'
    this.#draw()
  }

  update({ timeline }: Pick<RunReport, 'timeline'>): void {
    this.#timeline = timeline
    for (const { chart, view } of this.#charts) {
      const { seconds, values, shaded } = chartData(chart, timeline, this.#seconds)
      view.setData(seconds, values, shaded)
    }
  }

  #draw(): void {
    const choose = (seconds: number): void => {
      this.#seconds = seconds
      this.#draw()
      this.update({ timeline: this.#timeline })
    }
    const choice = ({ label, seconds }: (typeof SPANS)[number]) =>
      html`<button type="button" aria-pressed=${String(seconds === this.#seconds)} @click=${() => choose(seconds)}>
        ${label}
      </button>`
    render(
      html`<div class="span-choice" role="group" aria-label="Time span">${SPANS.map(choice)}</div>
        <div class="charts">${this.#charts.map(({ view }) => view.root)}</div>`,
      this.root,
    )
  }
}
