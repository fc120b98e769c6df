import { html, nothing, render, svg, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatShortClock } from '@node-to-cloud/browser-kit/format/time'
import { formatExactValue, formatValue } from '@node-to-cloud/browser-kit/format/value'
import type { Scorecard } from '../../../../contract/dashboard.ts'
import { latestValue, valueAt } from '../../chart/chart-data.ts'
import { el } from '../../element.ts'
import { judge } from './chart/thresholds.ts'
import { createWidgetMessage } from './message.ts'
import { sparkPath } from './spark-path.ts'
import type { WidgetView } from './widget-view.ts'

const SPARK_WIDTH = 240
const SPARK_HEIGHT = 48
const VERDICT_TEXTS = { ok: '', warning: 'past its warning threshold', critical: 'past its critical threshold' }

/** What is said of the newest value. */
interface Shown {
  readonly value: number | undefined
  readonly text: string
  readonly title: string
  readonly note: string
}

const NOTHING: Shown = { value: undefined, text: '–', title: '', note: '' }

function gaugePath(share: number): string {
  const angle = Math.PI * (1 - Math.min(1, Math.max(0, share)))
  return `M 10 60 A 50 50 0 0 1 ${60 + 50 * Math.cos(angle)} ${60 - 50 * Math.sin(angle)}`
}

function soFar(periodSeconds: number): string {
  return periodSeconds < 60 ? `the last ${periodSeconds} s` : 'this minute, so far'
}

interface Point {
  readonly x: number
  readonly y: number
}

/** A gauge of the newest value, or a spark line or bars of the range. */
function pictureView(
  { gaugeView, sparkChartView }: Scorecard,
  points: readonly Point[],
  value: number | undefined,
): TemplateResult | typeof nothing {
  if (gaugeView) {
    const { lowerBound = 0, upperBound = 1 } = gaugeView
    const share = ((value ?? lowerBound) - lowerBound) / (upperBound - lowerBound || 1)
    return html`<svg class="gauge" viewBox="0 0 120 66" aria-hidden="true">
      <path class="gauge-track" d=${gaugePath(1)}></path>
      ${value === undefined ? nothing : svg`<path class="gauge-value" d=${gaugePath(share)}></path>`}
    </svg>`
  }
  if (!sparkChartView) return nothing
  const { line, area } = sparkPath(points, SPARK_WIDTH, SPARK_HEIGHT, sparkChartView.sparkChartType === 'SPARK_BAR')
  return html`<svg class="spark" viewBox="0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
    <path class="spark-area" d=${area}></path>
    <path class="spark-line" d=${line} vector-effect="non-scaling-stroke"></path>
  </svg>`
}

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
    queries: [
      {
        timeSeriesQuery: scorecard.timeSeriesQuery ?? {},
        minAlignmentPeriod: scorecard.sparkChartView?.minAlignmentPeriod,
        partial: true,
        maxSeries: 1,
      },
    ],
    update([result], frame) {
      const series = result?.series?.[0]
      const latest = series ? latestValue(series) : undefined
      message.show(result ? [result] : [], [scorecard.timeSeriesQuery], latest !== undefined)
      body.classList.toggle('scorecard-empty', latest === undefined)
      if (!result?.series || !series || !latest) return
      const unit = scorecard.timeSeriesQuery?.unitOverride || result.unit || '1'
      const verdict = judge(latest.value, scorecard.thresholds)
      body.dataset.verdict = verdict
      const when = latest.partial ? soFar(result.alignmentPeriodSeconds) : `at ${formatShortClock(latest.timeMs)}`
      const shown = {
        value: latest.value,
        text: formatValue(latest.value, unit),
        title: [formatExactValue(latest.value, unit), VERDICT_TEXTS[verdict]].filter(Boolean).join(', '),
        note: result.totalSeries > 1 ? `${when}, the first of ${result.totalSeries} series` : when,
      }
      const points = series.timesMs.flatMap((time, index) => {
        const number = valueAt(series, index)
        return number === null ? [] : [{ x: (time - frame.startMs) / (frame.endMs - frame.startMs), y: number }]
      })
      draw(shown, points)
    },
    destroy: () => {},
  }
}
