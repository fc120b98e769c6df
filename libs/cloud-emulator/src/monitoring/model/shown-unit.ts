import type { MetricDescriptor } from './metric-descriptor.ts'

/** The base units in metric names by Prometheus' conventions, in UCUM. */
const UNITS: Readonly<Record<string, string>> = {
  seconds: 's',
  milliseconds: 'ms',
  bytes: 'By',
  ratio: '10^2.%',
  percent: '%',
}
const NAMED = /[/_](seconds|milliseconds|bytes|ratio|percent)(?:_(?:total|sum|max|min))?(?:\/[a-z:]+)?$/

/**
 * The unit in which pages show a metric's values: its own, or the one in its name, such as `s` for `x_seconds_total`.
 */
export function shownUnit({ type, unit }: Pick<MetricDescriptor, 'type' | 'unit'>): string {
  return unit || (UNITS[NAMED.exec(type)?.[1] ?? ''] ?? '')
}
