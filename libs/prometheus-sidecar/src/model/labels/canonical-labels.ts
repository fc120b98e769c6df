import { type MetricType, parseMetricType } from '../metadata.ts'
import { decodeLabels, encodeLabels, type Labels, METRIC_NAME } from './labels.ts'

/** Labels in which Prometheus reports the type and the unit of a metric (`type-and-unit-labels`). */
const TYPE_LABEL = '__type__'
const UNIT_LABEL = '__unit__'

/** The labels that identify a series, and the type that its labels reported. */
export interface CanonicalLabels {
  readonly labels: Labels
  readonly type: MetricType | undefined
}

/**
 * The labels of a series in one form, whichever version of Prometheus sends it: bounds and quantiles as Prometheus 3
 * writes them (`1.0` where version 2 has `1`), and without type and unit.
 */
export function canonicalLabels(labels: Labels): CanonicalLabels {
  const type = labels.get(TYPE_LABEL)
  const hasTypes = type !== undefined || labels.has(UNIT_LABEL)
  const name = labels.get(METRIC_NAME)?.endsWith('_bucket') === true ? 'le' : 'quantile'
  const value = labels.get(name)
  const number = value === undefined ? undefined : canonicalNumber(value)
  if (!hasTypes && number === value) return { labels, type: undefined }
  const changed = new Map(labels)
  changed.delete(TYPE_LABEL)
  changed.delete(UNIT_LABEL)
  if (number !== undefined) changed.set(name, number)
  return { labels: changed, type: type === undefined ? undefined : parseMetricType(type) }
}

/**
 * The canonical form of labels in the form of `encodeLabels`, and the type they report. Returns the same bytes if they
 * are already canonical, or if they are not valid labels.
 */
export function canonicalBytes(bytes: Uint8Array): {
  readonly bytes: Uint8Array
  readonly type: MetricType | undefined
} {
  let given: Labels
  try {
    given = decodeLabels(bytes)
  } catch {
    return { bytes, type: undefined }
  }
  const { labels, type } = canonicalLabels(given)
  return labels === given && isSorted(labels) ? { bytes, type } : { bytes: encodeLabels(labels), type }
}

function isSorted(labels: Labels): boolean {
  let before = ''
  for (const name of labels.keys()) {
    if (Buffer.compare(Buffer.from(before), Buffer.from(name)) > 0) return false
    before = name
  }
  return true
}

/** Go's shortest form uses an exponent from 1e+06 on, and below 1e-04. */
const GO_EXPONENT_FROM = 6
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** A number in Go's shortest form, with a fraction; a string that is not a finite number is unchanged. */
function canonicalNumber(text: string): string {
  if (!NUMBER.test(text)) return text
  const value = Number(text)
  if (!Number.isFinite(value)) return text
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power < -4 || power >= GO_EXPONENT_FROM) {
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  }
  const plain = String(Object.is(value, -0) ? 0 : value)
  return plain.includes('.') ? plain : `${plain}.0`
}
