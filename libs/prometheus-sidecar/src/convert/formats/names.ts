/**
 * Converts UTF-8 names as Google's exporter does: each run of characters other than ASCII letters, digits and
 * underscores becomes one underscore. Names that Prometheus 2 allows are unchanged.
 */

const OTHER_THAN_METRIC = /[^A-Za-z0-9_:]+/
const OTHER_THAN_LABEL = /[^A-Za-z0-9_]+/g
const LETTER_OR_DIGIT = /[A-Za-z0-9]/
const DIGIT_FIRST = /^[0-9]/

/** The name of a metric; colons are kept. Undefined if it contains no ASCII letter or digit. */
export function metricName(name: string): string | undefined {
  if (!LETTER_OR_DIGIT.test(name)) return undefined
  if (!OTHER_THAN_METRIC.test(name) && !DIGIT_FIRST.test(name)) return name
  const rewritten = name
    .split(OTHER_THAN_METRIC)
    .filter((part) => part !== '')
    .join('_')
  return DIGIT_FIRST.test(rewritten) ? `_${rewritten}` : rewritten
}

/** The key of a label. */
export function labelKey(name: string): string {
  const rewritten = name.replaceAll(OTHER_THAN_LABEL, '_')
  if (rewritten === name && !DIGIT_FIRST.test(name)) return name
  return /^[A-Za-z]/.test(rewritten) ? rewritten : `key_${rewritten.replace(/^_+/, '')}`
}
