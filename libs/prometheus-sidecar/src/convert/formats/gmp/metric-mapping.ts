import { type Labels, METRIC_NAME } from '../../../model/labels/labels.ts'
import type { MetricType } from '../../../model/metadata.ts'
import type { ConversionRules } from '../../conversion-rules.ts'
import type { Drop } from '../../drop-reason.ts'
import { isBuiltIn } from '../built-in-metrics.ts'
import type { MetricMapping, TypeLookup } from '../metrics-format.ts'

const SUFFIXES = ['_bucket', '_count', '_sum', '_total', '_created', '_info'] as const
type Suffix = (typeof SUFFIXES)[number]

/**
 * Maps a series to its name and kind as Managed Service for Prometheus does: the name of the sample is kept, except for
 * histograms and info, which use the name of the family.
 */
export function mapMetric(labels: Labels, typeOf: TypeLookup, rules: ConversionRules): MetricMapping | Drop {
  const name = labels.get(METRIC_NAME)
  if (name === undefined) return { drop: 'labels_invalid', detail: 'the series has no __name__' }
  const type = staticType(name, rules) ?? (isBuiltIn(name) ? 'gauge' : typeOf(name))
  if (type !== undefined) {
    const mapping = mapFullName(name, type, labels)
    if (mapping !== undefined) return mapping
  }
  const suffix = SUFFIXES.find((suffix) => name.endsWith(suffix) && name.length > suffix.length)
  if (suffix !== undefined) {
    const family = name.slice(0, -suffix.length)
    const familyType = staticType(family, rules) ?? typeOf(family)
    const mapping = familyType === undefined ? undefined : mapByFamily(name, family, suffix, familyType)
    if (mapping !== undefined) return mapping
  }
  if (type !== undefined) {
    return { drop: 'unexpected_metric_type', detail: `${name} can't belong to a metric of type ${type}` }
  }
  if (name.includes(':')) return gauge(name, name, 'gauge', 'gauge')
  return {
    drop: 'metadata_not_found',
    detail: `the type of ${name} is unknown; add a # TYPE line to its target, or static_metadata to --config-file`,
  }
}

/** Maps a series of native histograms, which need no type. */
export function mapNativeHistogram(name: string): MetricMapping {
  const common = { name, family: name, familyType: 'histogram', suffix: 'histogram' } as const
  return { ...common, role: 'native', metricKind: 'CUMULATIVE', valueType: 'DISTRIBUTION' }
}

function staticType(name: string, { metricRenames, staticMetadata }: ConversionRules): MetricType | undefined {
  const renamed = metricRenames.get(name)
  return (staticMetadata.get(name) ?? (renamed === undefined ? undefined : staticMetadata.get(renamed)))?.type
}

function mapFullName(name: string, type: MetricType, labels: Labels): MetricMapping | undefined {
  switch (type) {
    case 'counter':
      return cumulative(name, name, type, 'counter')
    case 'gauge':
    case 'stateset':
      return gauge(name, name, type, 'gauge')
    case 'unknown':
      return { ...gauge(name, name, type, 'unknown'), counterSuffix: 'unknown:counter' }
    case 'summary':
      return labels.has('quantile') ? gauge(name, name, type, 'summary') : undefined
    case 'info':
    case 'gaugehistogram':
    case 'histogram':
      return undefined
  }
}

function mapByFamily(name: string, family: string, suffix: Suffix, type: MetricType): MetricMapping | undefined {
  if (suffix === '_created' && (type === 'counter' || type === 'histogram' || type === 'summary')) {
    return { ...cumulative(family, family, type, ''), role: 'created' }
  }
  if (type === 'counter' && suffix === '_total') return cumulative(name, family, type, 'counter')
  if (type === 'summary' && suffix === '_sum') return cumulative(name, family, type, 'summary:counter')
  if (type === 'summary' && suffix === '_count') return cumulative(name, family, type, 'summary')
  if (type === 'info' && suffix === '_info') return gauge(family, family, type, 'gauge')
  if (type === 'gaugehistogram' && suffix === '_bucket') return gauge(family, family, type, 'gauge')
  if (type === 'histogram' && (suffix === '_bucket' || suffix === '_sum' || suffix === '_count')) {
    const role = ({ _bucket: 'bucket', _sum: 'sum', _count: 'count' } as const)[suffix]
    return { ...cumulative(family, family, type, 'histogram'), role, valueType: 'DISTRIBUTION' }
  }
  return undefined
}

function gauge(name: string, family: string, familyType: MetricType, suffix: string): MetricMapping {
  return { role: 'gauge', name, family, familyType, metricKind: 'GAUGE', valueType: 'DOUBLE', suffix }
}

function cumulative(name: string, family: string, familyType: MetricType, suffix: string): MetricMapping {
  return { role: 'cumulative', name, family, familyType, metricKind: 'CUMULATIVE', valueType: 'DOUBLE', suffix }
}
