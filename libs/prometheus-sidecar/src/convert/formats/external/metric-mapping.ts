import { type Labels, METRIC_NAME } from '../../../model/labels/labels.ts'
import type { MetricType } from '../../../model/metadata.ts'
import type { ConversionRules } from '../../conversion-rules.ts'
import type { Drop } from '../../drop-reason.ts'
import { isBuiltIn } from '../built-in-metrics.ts'
import type { CounterForm, MetricMapping, TypeLookup } from '../metrics-format.ts'

const SUFFIXES = ['_bucket', '_count', '_sum', '_total', '_created', '_info'] as const

/**
 * Maps a series to a name, metric kind and value type by the type of its full name, or else of its family. Series whose
 * type no target knows (`up`, recording rules with a colon in their name) are gauges. A counter that already had a name
 * keeps it: `formOf`.
 */
export function mapMetric(
  labels: Labels,
  typeOf: TypeLookup,
  rules: ConversionRules,
  formOf: (name: string) => CounterForm | undefined = () => undefined,
): MetricMapping | Drop {
  const name = labels.get(METRIC_NAME)
  if (name === undefined) return { drop: 'labels_invalid', detail: 'the series has no __name__' }

  const fixed = staticMetadata(name, rules)
  const type = fixed?.type ?? (isBuiltIn(name) ? 'gauge' : typeOf(name))
  const form = fixed === undefined && name.endsWith('_total') ? formOf(name) : undefined
  if (type !== undefined && !(type === 'counter' && form === 'family'))
    return mapFullName(name, type, fixed?.valueType ?? 'DOUBLE', labels)

  const suffix = SUFFIXES.find((suffix) => name.endsWith(suffix) && name.length > suffix.length)
  if (suffix !== undefined) {
    const family = name.slice(0, -suffix.length)
    const fixed = staticMetadata(family, rules)
    const familyType = fixed?.type ?? typeOf(family) ?? type
    if (familyType === 'counter' && form === 'full' && fixed === undefined)
      return mapFullName(name, familyType, 'DOUBLE', labels)
    if (familyType !== undefined) {
      const mapping = mapByFamily(name, family, suffix, familyType, fixed?.valueType ?? 'DOUBLE')
      if (mapping !== undefined) return mapping
    }
  }
  if (name.includes(':')) return mapFullName(name, 'gauge', 'DOUBLE', labels)
  return {
    drop: 'metadata_not_found',
    detail: `the type of ${name} is unknown; add a # TYPE line to its target, or static_metadata to --config-file`,
  }
}

/** Maps a series of native histograms, which need no type. */
export function mapNativeHistogram(name: string): MetricMapping {
  const common = { name, family: name, familyType: 'histogram' } as const
  return { ...common, role: 'native', metricKind: 'CUMULATIVE', valueType: 'DISTRIBUTION' }
}

function staticMetadata(name: string, rules: ConversionRules) {
  const renamed = rules.metricRenames.get(name)
  return rules.staticMetadata.get(name) ?? (renamed === undefined ? undefined : rules.staticMetadata.get(renamed))
}

function mapFullName(
  name: string,
  type: MetricType,
  valueType: 'DOUBLE' | 'INT64',
  labels: Labels,
): MetricMapping | Drop {
  const mapping = { name, family: name, familyType: type }
  switch (type) {
    case 'counter':
      return { ...mapping, role: 'cumulative', metricKind: 'CUMULATIVE', valueType }
    case 'gauge':
    case 'unknown':
      return { ...mapping, role: 'gauge', metricKind: 'GAUGE', valueType }
    case 'summary':
      if (!labels.has('quantile')) break
      return { ...mapping, role: 'gauge', metricKind: 'GAUGE', valueType: 'DOUBLE' }
    case 'histogram':
    case 'gaugehistogram':
    case 'info':
    case 'stateset':
  }
  return unexpected(name, type)
}

function mapByFamily(
  name: string,
  family: string,
  suffix: (typeof SUFFIXES)[number],
  type: MetricType,
  valueType: 'DOUBLE' | 'INT64',
): MetricMapping | Drop | undefined {
  const cumulative = { family, familyType: type, metricKind: 'CUMULATIVE' } as const
  if (type === 'counter' && suffix === '_total') return { ...cumulative, role: 'cumulative', name: family, valueType }
  if (type === 'summary' && suffix === '_sum') return { ...cumulative, role: 'cumulative', name, valueType: 'DOUBLE' }
  if (type === 'summary' && suffix === '_count') return { ...cumulative, role: 'cumulative', name, valueType: 'INT64' }
  if (type === 'histogram' && suffix !== '_total' && suffix !== '_info' && suffix !== '_created') {
    const role = ({ _bucket: 'bucket', _sum: 'sum', _count: 'count' } as const)[suffix]
    return { ...cumulative, role, name: family, valueType: 'DISTRIBUTION' }
  }
  if (suffix === '_created' && (type === 'counter' || type === 'histogram' || type === 'summary')) {
    return { ...cumulative, role: 'created', name: family, valueType: 'DOUBLE' }
  }
  if (type === 'info' || type === 'stateset' || type === 'gaugehistogram') return unexpected(name, type)
  return undefined
}

function unexpected(name: string, type: MetricType): Drop {
  return { drop: 'unexpected_metric_type', detail: `${name} is a ${type}, which Cloud Monitoring can't represent` }
}
