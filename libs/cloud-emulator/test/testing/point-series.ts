import type { MetricKind, ValueType } from '../../src/contract/metrics.ts'
import { windowsOf } from '../../src/monitoring/aggregation/align.ts'
import type { PointSeries } from '../../src/monitoring/aggregation/point-series.ts'
import { bucketLayout } from '../../src/monitoring/model/bucket-layout.ts'
import type { DistributionValue, PointValue } from '../../src/monitoring/model/point-value.ts'

/** A point as [end in seconds, value, start in seconds]; a gauge has no start. */
export type TestPoint = [end: number, value: PointValue, start?: number]

/** A series of these points: a gauge of doubles, with overrides. */
export function series(
  points: readonly TestPoint[],
  options: { kind?: MetricKind; type?: ValueType; labels?: Record<string, string>; resource?: string } = {},
): PointSeries {
  const { kind = 'GAUGE', type = 'DOUBLE', labels = {}, resource = 'global' } = options
  return {
    metricType: 'custom.googleapis.com/x',
    metricLabels: labels,
    resourceType: resource,
    resourceLabels: { project_id: 'p' },
    metricKind: kind,
    valueType: type,
    points: points.map(([end, value, start = end]) => ({ startMicros: start * 1e6, endMicros: end * 1e6, value })),
  }
}

/** Three one-minute periods: (0, 60], (60, 120], (120, 180]. */
export const WINDOWS = windowsOf({ afterMicros: 0, endMicros: 180e6, periodMicros: 60e6 })

/** Values by end time in seconds. */
export function valuesOf(result: PointSeries): Record<string, unknown> {
  return Object.fromEntries(result.points.map((point) => [point.endMicros / 1e6, point.value]))
}

/** Buckets up to 1, 2, 4 and beyond. */
export const layout = bucketLayout({ explicitBuckets: { bounds: [1, 2, 4] } })

/** A distribution with these bucket counts. */
export function distribution(counts: readonly number[], mean = 1): DistributionValue {
  return { layout, counts, count: counts.reduce((sum, count) => sum + count, 0), mean, sumOfSquaredDeviation: 0 }
}
