import { formatShortClock } from '@node-to-cloud/browser-kit/format/time'
import { formatExactValue, formatValue } from '@node-to-cloud/browser-kit/format/value'
import type { Scorecard } from '../../../../contract/dashboard.ts'
import { latestValue, valueAt } from '../../chart/chart-data.ts'
import { el, setText, svg } from '../../element.ts'
import { judge } from './chart/thresholds.ts'
import { createWidgetMessage } from './message.ts'
import { sparkPath } from './spark-path.ts'
import type { WidgetView } from './widget-view.ts'

const SPARK_WIDTH = 240
const SPARK_HEIGHT = 48
const VERDICT_TEXTS = { ok: '', warning: 'past its warning threshold', critical: 'past its critical threshold' }

function gaugePath(share: number): string {
  const angle = Math.PI * (1 - Math.min(1, Math.max(0, share)))
  return `M 10 60 A 50 50 0 0 1 ${60 + 50 * Math.cos(angle)} ${60 - 50 * Math.sin(angle)}`
}

function soFar(periodSeconds: number): string {
  return periodSeconds < 60 ? `the last ${periodSeconds} s` : 'this minute, so far'
}

interface Parts {
  readonly element: SVGElement | undefined
  /** Draws the points of the range, and the newest value. */
  draw(points: readonly { readonly x: number; readonly y: number }[], value: number): void
}

function createSpark(isBars: boolean): Parts {
  const line = svg('path', { class: 'spark-line', 'vector-effect': 'non-scaling-stroke' })
  const area = svg('path', { class: 'spark-area' })
  const viewBox = `0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`
  const options = { class: 'spark', viewBox, preserveAspectRatio: 'none', 'aria-hidden': 'true' }
  return {
    element: svg('svg', options, area, line),
    draw(points) {
      const path = sparkPath(points, SPARK_WIDTH, SPARK_HEIGHT, isBars)
      line.setAttribute('d', path.line)
      area.setAttribute('d', path.area)
    },
  }
}

function createGauge({ lowerBound = 0, upperBound = 1 }: NonNullable<Scorecard['gaugeView']>): Parts {
  const needle = svg('path', { class: 'gauge-value' })
  const track = svg('path', { class: 'gauge-track', d: gaugePath(1) })
  return {
    element: svg('svg', { class: 'gauge', viewBox: '0 0 120 66', 'aria-hidden': 'true' }, track, needle),
    draw: (_points, value) =>
      needle.setAttribute('d', gaugePath((value - lowerBound) / (upperBound - lowerBound || 1))),
  }
}

function picture({ gaugeView, sparkChartView }: Scorecard): Parts {
  if (gaugeView) return createGauge(gaugeView)
  if (sparkChartView) return createSpark(sparkChartView.sparkChartType === 'SPARK_BAR')
  return { element: undefined, draw: () => {} }
}

/** A single value with a spark line, spark bars or a gauge, coloured by its thresholds. */
export function createScorecard(scorecard: Scorecard): WidgetView {
  const value = el('div', { class: 'scorecard-value' }, '–')
  const note = el('div', { class: 'scorecard-note' })
  const message = createWidgetMessage()
  const parts = picture(scorecard)
  const text = el('div', { class: 'scorecard-text' }, value, note)
  const body = el('div', { class: 'scorecard' }, text, message.element, parts.element)
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
      setText(value, formatValue(latest.value, unit))
      value.title = [formatExactValue(latest.value, unit), VERDICT_TEXTS[verdict]].filter(Boolean).join(', ')
      const when = latest.partial ? soFar(result.alignmentPeriodSeconds) : `at ${formatShortClock(latest.timeMs)}`
      setText(note, result.totalSeries > 1 ? `${when}, the first of ${result.totalSeries} series` : when)
      const points = series.timesMs.flatMap((time, index) => {
        const number = valueAt(series, index)
        return number === null ? [] : [{ x: (time - frame.startMs) / (frame.endMs - frame.startMs), y: number }]
      })
      parts.draw(points, latest.value)
    },
    destroy: () => {},
  }
}
