/** The summary values that Artillery reports for a distribution. */
export const SUMMARY_VALUES = [
  'min',
  'max',
  'count',
  'mean',
  'p50',
  'median',
  'p75',
  'p90',
  'p95',
  'p99',
  'p999',
] as const
