/** What the words that group refusals mean. */
const TITLES: Readonly<Record<string, string>> = {
  age: 'Points too old, or in the future',
  descriptors: 'Too many metric types or labels',
  distribution: 'Invalid distributions',
  interval: 'Invalid time intervals',
  labels: 'Invalid labels',
  log_entry: 'Invalid log entries',
  metric_kind: 'Another kind than the metric has',
  metric_type: 'Invalid metric types',
  order: 'Points out of order',
  rate: 'Points too close to each other',
  resource: 'Invalid monitored resources',
  telemetry: 'Refused OTLP',
  value_type: 'Another value type than the metric has',
}

/** A reason in words, such as `Points out of order` for `order`. */
export function reasonTitle(reason: string): string {
  return TITLES[reason] ?? reason.replaceAll('_', ' ')
}
