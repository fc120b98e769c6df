import { formatMoment } from '@node-to-cloud/browser-kit/format/time'
import { formatDurationMs, formatRate } from '@node-to-cloud/browser-kit/format/value'
import type { RunReport, TimelinePoint } from '../../../contract/run-report.ts'
import { LineChart } from '../line-chart.ts'
import { responseTime } from './run-charts.ts'
import { comparedSeconds } from './run-comparison.ts'

/** The charts of two runs, older first: what they have in common, over the seconds since their start. */
export function comparisonCharts(a: RunReport, b: RunReport): readonly LineChart[] {
  const chart = (
    title: string,
    read: (point: TimelinePoint) => number | null,
    format: (value: number) => string,
  ): LineChart => {
    const drawn = new LineChart({
      title,
      note: 'by seconds since the start',
      elapsed: true,
      lines: [
        { label: formatMoment(a.startedMs), color: 'series-10', format, dash: [6, 4] },
        { label: formatMoment(b.startedMs), color: 'series-1', format },
      ],
    })
    const { seconds, values } = comparedSeconds(a, b, read)
    drawn.setData(seconds, values)
    return drawn
  }
  return [
    chart('Response time, p95', responseTime('p95'), formatDurationMs),
    chart('Requests per second', (point) => point.requests, formatRate),
  ]
}
