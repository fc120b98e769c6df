import type { MetricDescriptor } from './metric-descriptor.ts'

/** The base units that Prometheus' conventions put into names, in UCUM's terms. */
const UNITS: Readonly<Record<string, string>> = {
  seconds: 's',
  milliseconds: 'ms',
  bytes: 'By',
  ratio: '10^2.%',
  percent: '%',
}
const NAMED = /[/_](seconds|milliseconds|bytes|ratio|percent)(?:_(?:total|sum|max|min))?(?:\/[a-z:]+)?$/

/** The unit that pages write a metric's values with: its own, or that in its name, such as `s` of `x_seconds_total`. */
export function shownUnit({ type, unit }: Pick<MetricDescriptor, 'type' | 'unit'>): string {
  return unit || (UNITS[NAMED.exec(type)?.[1] ?? ''] ?? '')
}
