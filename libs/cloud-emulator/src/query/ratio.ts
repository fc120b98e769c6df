import type { PointSeries, SeriesPoint } from '../monitoring/aggregation/point-series.ts'
import { numberOf } from '../monitoring/model/point-value.ts'
import { labelsKey } from '../monitoring/read/series-identity.ts'

/**
 * Divides series point by point. A numerator is matched with the denominator with the same labels, or with the only
 * denominator. Points without a finite quotient are left out.
 */
export function ratioOf(numerators: readonly PointSeries[], denominators: readonly PointSeries[]): PointSeries[] {
  const byLabels = new Map(denominators.map((series) => [labelsKey(series), series]))
  const [only] = denominators
  return numerators.flatMap((numerator) => {
    const denominator = byLabels.get(labelsKey(numerator)) ?? (denominators.length === 1 ? only : undefined)
    const divisors = new Map(denominator?.points.map((point) => [point.endMicros, numberOf(point.value)]))
    const points = numerator.points.flatMap(({ endMicros, value }): SeriesPoint[] => {
      const quotient = numberOf(value) / (divisors.get(endMicros) ?? 0)
      return Number.isFinite(quotient) ? [{ startMicros: endMicros, endMicros, value: quotient }] : []
    })
    return points.length === 0 ? [] : [{ ...numerator, metricKind: 'GAUGE', valueType: 'DOUBLE', points }]
  })
}
