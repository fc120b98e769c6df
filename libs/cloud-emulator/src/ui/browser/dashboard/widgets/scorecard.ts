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

/** A single value with a spark line, spark bars or a gauge, coloured by its thresholds. */
export function createScorecard(scorecard: Scorecard): WidgetView {
  const value = el('div', { class: 'scorecard-value' }, '–')
  const note = el('div', { class: 'scorecard-note' })
  const message = createWidgetMessage()
  const bars = scorecard.sparkChartView?.sparkChartType === 'SPARK_BAR'
  const line = svg('path', { class: 'spark-line', 'vector-effect': 'non-scaling-stroke' })
  const area = svg('path', { class: 'spark-area' })
  const spark = svg(
    'svg',
    {
      class: 'spark',
      viewBox: `0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    area,
    line,
  )
  const needle = svg('path', { class: 'gauge-value' })
  const gauge = svg(
    'svg',
    { class: 'gauge', viewBox: '0 0 120 66', 'aria-hidden': 'true' },
    svg('path', { class: 'gauge-track', d: gaugePath(1) }),
    needle,
  )
  const body = el('div', { class: 'scorecard' }, el('div', { class: 'scorecard-text' }, value, note), message.element)
  if (scorecard.gaugeView) body.append(gauge)
  else if (scorecard.sparkChartView) body.append(spark)

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
      const total = result.totalSeries
      setText(note, total > 1 ? `${when}, the first of ${total} series` : when)
      const points = series.timesMs.flatMap((time, index) => {
        const number = valueAt(series, index)
        return number === null ? [] : [{ x: (time - frame.startMs) / (frame.endMs - frame.startMs), y: number }]
      })
      const path = sparkPath(points, SPARK_WIDTH, SPARK_HEIGHT, bars)
      line.setAttribute('d', path.line)
      area.setAttribute('d', path.area)
      const { lowerBound = 0, upperBound = 1 } = scorecard.gaugeView ?? {}
      needle.setAttribute('d', gaugePath((latest.value - lowerBound) / (upperBound - lowerBound || 1)))
    },
    destroy: () => {},
  }
}
