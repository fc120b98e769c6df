import { html, render } from '@node-to-cloud/browser-kit/browser/view'
import type { Scorecard } from '../../../../../contract/dashboard.ts'
import { latestValue } from '../../../chart/chart-data.ts'
import { el } from '../../../element.ts'
import { createWidgetMessage } from '../message.ts'
import type { WidgetView } from '../widget-view.ts'
import { NOTHING, type Point, pictureView, pointsOf, queriesOf, type Shown, shownValue } from './scorecard-view.ts'

/** A single value with a spark line, spark bars or a gauge, coloured by its thresholds. */
export function createScorecard(scorecard: Scorecard): WidgetView {
  const message = createWidgetMessage()
  const body = el('div', { class: 'scorecard' })
  const draw = (value: Shown, points: readonly Point[] = []) =>
    render(
      html`<div class="scorecard-text">
          <div class="scorecard-value" title=${value.title}>${value.text}</div>
          <div class="scorecard-note">${value.note}</div>
        </div>
        ${message.element} ${pictureView(scorecard, points, value.value)}`,
      body,
    )
  draw(NOTHING)
  return {
    body,
    queries: queriesOf(scorecard),
    update([result, line = result], frame) {
      const series = result?.series?.[0]
      const latest = series ? latestValue(series) : undefined
      message.show(result ? [result] : [], [scorecard.timeSeriesQuery], latest !== undefined)
      body.classList.toggle('scorecard-empty', latest === undefined)
      if (!result?.series || !series || !latest) return
      const shown = shownValue(scorecard, result, latest)
      body.dataset.verdict = shown.verdict
      draw(shown, pointsOf(line?.series?.[0] ?? series, frame))
    },
    destroy: () => {},
  }
}
