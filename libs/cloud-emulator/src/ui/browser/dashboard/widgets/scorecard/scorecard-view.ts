import { html, nothing, svg, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatShortClock } from '@node-to-cloud/browser-kit/format/time'
import { formatExactValue, formatValue } from '@node-to-cloud/browser-kit/format/value'
import type { QueryAnswer, QuerySeries } from '../../../../../contract/charts.ts'
import type { Scorecard } from '../../../../../contract/dashboard.ts'
import { type latestValue, valueAt } from '../../../chart/chart-data.ts'
import { thresholdState } from '../chart/thresholds.ts'
import type { WidgetQuery } from '../widget-view.ts'
import { sparkPath } from './spark-path.ts'

const SPARK_WIDTH = 240
const SPARK_HEIGHT = 48
const VERDICT_TEXTS = { ok: '', warning: 'past its warning threshold', critical: 'past its critical threshold' }

type Verdict = keyof typeof VERDICT_TEXTS

/** The description of the newest value. */
export interface Shown {
  readonly value: number | undefined
  readonly text: string
  readonly title: string
  readonly note: string
  readonly verdict: Verdict | undefined
}

/** The text that is shown if there is no value. */
export const NOTHING: Shown = { value: undefined, text: '–', title: '', note: '', verdict: undefined }

function gaugePath(share: number): string {
  const angle = Math.PI * (1 - Math.min(1, Math.max(0, share)))
  return `M 10 60 A 50 50 0 0 1 ${60 + 50 * Math.cos(angle)} ${60 - 50 * Math.sin(angle)}`
}

function unfinishedPeriod(periodSeconds: number): string {
  return periodSeconds < 60 ? `the last ${periodSeconds} s` : 'this minute, so far'
}

/** A value in the range: `x` is its position in the range, from 0 to 1. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A gauge with the newest value, or a spark line or spark bars for the range. */
export function pictureView(
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

/** The query of the value; if that is a single value over the whole range, also the query of the spark line. */
export function queriesOf({ timeSeriesQuery = {}, sparkChartView }: Scorecard): readonly WidgetQuery[] {
  const query = {
    timeSeriesQuery,
    minAlignmentPeriod: sparkChartView?.minAlignmentPeriod,
    partial: true,
    maxSeries: 1,
  }
  if (!timeSeriesQuery.outputFullDuration || !sparkChartView) return [query]
  return [query, { ...query, timeSeriesQuery: { ...timeSeriesQuery, outputFullDuration: false } }]
}

/** The description of the newest value of a result's first series. */
export function shownValue(
  { timeSeriesQuery = {}, thresholds }: Scorecard,
  { unit: own, alignmentPeriodSeconds, totalSeries }: QueryAnswer,
  latest: NonNullable<ReturnType<typeof latestValue>>,
): Shown {
  const unit = timeSeriesQuery.unitOverride || own || '1'
  const verdict = thresholdState(latest.value, thresholds)
  const { outputFullDuration, prometheusQuery } = timeSeriesQuery
  const newest = latest.partial ? unfinishedPeriod(alignmentPeriodSeconds) : `at ${formatShortClock(latest.timeMs)}`
  const when = outputFullDuration && !prometheusQuery ? 'over the whole range' : newest
  return {
    value: latest.value,
    text: formatValue(latest.value, unit),
    title: [formatExactValue(latest.value, unit), VERDICT_TEXTS[verdict]].filter(Boolean).join(', '),
    note: totalSeries > 1 ? `${when}, the first of ${totalSeries} series` : when,
    verdict,
  }
}

/** The values of a series in a range, for the picture. */
export function pointsOf(
  series: QuerySeries,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): readonly Point[] {
  return series.timesMs.flatMap((time, index) => {
    const number = valueAt(series, index)
    return number === null ? [] : [{ x: (time - startMs) / (endMs - startMs), y: number }]
  })
}
