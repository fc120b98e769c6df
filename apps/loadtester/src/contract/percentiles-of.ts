import type { SeriesRow } from './run-report.ts'

/** The percentiles of a row; those that reports of earlier releases have, too. */
export function percentilesOf({ percentiles, latencyMs }: SeriesRow): readonly (readonly [number, number])[] {
  if (percentiles !== undefined) return percentiles
  const { p50, p75, p90, p95, p99, p999 } = latencyMs
  return Object.entries({ 50: p50, 75: p75, 90: p90, 95: p95, 99: p99 })
    .map(([percentile, value]) => [Number(percentile), value] as const)
    .concat([[99.9, p999]])
}
