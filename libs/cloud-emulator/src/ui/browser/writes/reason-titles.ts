/** The titles of rejection reasons. */
const TITLES: Readonly<Record<string, string>> = {
  age: 'Points too old, or in the future',
  descriptors: 'Too many metric types or labels',
  distribution: 'Invalid distributions',
  interval: 'Invalid time intervals',
  labels: 'Invalid labels',
  log_entry: 'Invalid log entries',
  metric_kind: 'Wrong metric kind',
  metric_type: 'Invalid metric types',
  order: 'Points out of order',
  rate: 'Points written too frequently',
  resource: 'Invalid monitored resources',
  telemetry: 'Rejected OTLP',
  value_type: 'Wrong value type',
}

/** The title of a reason, such as `Points out of order` for `order`. */
export function reasonTitle(reason: string): string {
  return TITLES[reason] ?? reason.replaceAll('_', ' ')
}
