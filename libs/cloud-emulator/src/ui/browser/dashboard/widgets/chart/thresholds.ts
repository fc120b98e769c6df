import type { ThresholdLine } from '@node-to-cloud/browser-kit/browser/chart/value-axis'
import type { Threshold } from '../../../../../contract/dashboard.ts'

/** The threshold lines of a chart. JSON omits a value of 0. */
export function thresholdLines(thresholds: readonly Threshold[] | undefined): ThresholdLine[] {
  return (thresholds ?? []).map((threshold) => ({
    value: threshold.value ?? 0,
    label: threshold.label ?? '',
    critical: threshold.color !== 'YELLOW',
    above: threshold.direction !== 'BELOW',
    axis: threshold.targetAxis === 'Y2' ? 'Y2' : 'Y1',
  }))
}

/** Rates a value by the most severe threshold that it reaches. */
export function thresholdState(
  value: number,
  thresholds: readonly Threshold[] | undefined,
): 'ok' | 'warning' | 'critical' {
  let verdict: 'ok' | 'warning' | 'critical' = 'ok'
  for (const line of thresholdLines(thresholds)) {
    const crossed = line.above ? value >= line.value : value <= line.value
    if (!crossed) continue
    if (line.critical) return 'critical'
    verdict = 'warning'
  }
  return verdict
}
