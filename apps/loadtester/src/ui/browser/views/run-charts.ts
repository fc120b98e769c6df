import { formatCount, formatDurationMs, formatRate } from '@node-to-cloud/browser-kit/format/value'
import type { TimelinePoint } from '../../../contract/run-report.ts'
import type { LineStyle } from '../line-chart.ts'

interface Line extends LineStyle {
  readonly read: (point: TimelinePoint) => number | null
}

export interface RunChart {
  readonly title: string
  readonly note: string
  readonly lines: readonly Line[]
}

/** A second without a response has no response time. */
export const responseTime =
  (field: 'p50' | 'p95' | 'p99') =>
  (point: TimelinePoint): number | null =>
    point.requests === 0 ? null : point[field]

/** The charts of a run. */
export const CHARTS: readonly RunChart[] = [
  {
    title: 'Requests per second',
    note: 'completed in each second',
    lines: [
      { label: 'requests', color: 'series-1', format: formatRate, fill: true, read: (point) => point.requests },
      { label: 'failures', color: 'status-5xx', format: formatRate, read: (point) => point.failures },
    ],
  },
  {
    title: 'Response time',
    note: 'from sending to the last byte',
    lines: [
      { label: 'p50', color: 'quantile-low', format: formatDurationMs, read: responseTime('p50') },
      { label: 'p95', color: 'quantile-high', format: formatDurationMs, read: responseTime('p95') },
      { label: 'p99', color: 'quantile-highest', format: formatDurationMs, read: responseTime('p99') },
    ],
  },
  {
    title: 'Load',
    note: 'target and actual',
    lines: [
      { label: 'users', color: 'series-3', format: formatCount, fill: true, read: (point) => point.users },
      { label: 'arrivals per second', color: 'series-7', format: formatRate, read: (point) => point.arrivals },
      { label: 'target', color: 'series-10', format: formatRate, dash: [6, 4], read: (point) => point.target },
    ],
  },
  {
    title: 'Load generator',
    note: 'shaded: it was the bottleneck',
    lines: [
      { label: 'start lag p99', color: 'quantile-highest', format: formatDurationMs, read: (point) => point.lagP99 },
    ],
  },
]

/** Which part of the run the charts show: all of it, or its last seconds. */
export const SPANS: readonly { readonly label: string; readonly seconds: number }[] = [
  { label: 'Whole run', seconds: Number.POSITIVE_INFINITY },
  { label: 'Last 5 minutes', seconds: 300 },
  { label: 'Last minute', seconds: 60 },
]

/** What a chart shows of a timeline: its last seconds, with a value of each line or null, and which of them to shade. */
export function chartData({ lines }: RunChart, timeline: readonly TimelinePoint[], lastSeconds: number) {
  const fromMs = (timeline.at(-1)?.atMs ?? 0) - lastSeconds * 1000
  const shown = timeline.filter(({ atMs }) => atMs > fromMs)
  return {
    seconds: shown.map((point) => point.atMs / 1000),
    values: lines.map(({ read }) => shown.map(read)),
    shaded: shown.map((point) => point.generatorBound),
  }
}
