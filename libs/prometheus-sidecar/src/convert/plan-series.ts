import { withoutExternalLabels } from '../model/labels/external-labels.ts'
import { encodeLabels, type Labels, labelsKey, METRIC_NAME } from '../model/labels/labels.ts'
import type { Target } from '../model/target.ts'
import type { TimeSeriesIdentity } from '../model/time-series.ts'
import { type ConversionRules, LIMITS } from './conversion-rules.ts'
import type { Drop } from './drop-reason.ts'
import { FORMATS } from './formats/formats.ts'
import type { CounterForm, MatchedResource, MetricMapping, TypeLookup } from './formats/metrics-format.ts'
import { labelKey } from './formats/names.ts'
import { matchesAny } from './selector.ts'

/** What a series becomes, as far as that is known before its first sample. */
export type SeriesPlan =
  | {
      readonly role: 'gauge'
      readonly identity: TimeSeriesIdentity
      /** A second time series, to which the same samples are written as a counter. */
      readonly counter?: TimeSeriesIdentity
    }
  | { readonly role: 'cumulative'; readonly identity: TimeSeriesIdentity }
  | { readonly role: 'native'; readonly identity: TimeSeriesIdentity }
  | {
      readonly role: 'bucket' | 'sum' | 'count'
      readonly identity: TimeSeriesIdentity
      /** Key of the histogram: the same for all its parts. */
      readonly histogram: string
      /** Upper bound of a bucket; NaN for sum and count. */
      readonly bound: number
    }
  | {
      readonly role: 'created'
      /** Labels of the series whose start this one reports, in the form of `encodeLabels`. */
      readonly createdOf: readonly Buffer[]
    }

export interface PlanOptions {
  /** Whether the series has native histograms. */
  readonly isNative?: boolean
  /** The form of a counter's name, if it already had one. */
  readonly counterForm?: (name: string) => CounterForm | undefined
}

/** Whether the samples of a series are dropped. */
export function isDrop(plan: object): plan is Drop {
  return 'drop' in plan
}

/**
 * Plans what a series becomes. `target` is undefined for a series that no target exposes.
 */
export function planSeries(
  labels: Labels,
  target: Target | undefined,
  typeOf: TypeLookup,
  rules: ConversionRules,
  { isNative = false, counterForm }: PlanOptions = {},
): SeriesPlan | Drop {
  const seriesName = labels.get(METRIC_NAME)
  if (seriesName === undefined) {
    return { drop: 'labels_invalid', detail: 'a series has no metric name (__name__)', invalid: true }
  }
  const ownLabels = withoutExternalLabels(labels, rules)
  if (rules.include.length > 0 && !matchesAny(rules.include, ownLabels)) {
    return { drop: 'excluded', detail: 'no --include selector matches' }
  }
  const format = FORMATS[rules.format]
  const resource = format.resourceOf(ownLabels, target, rules)
  if (isDrop(resource) && resource.drop === 'target_not_found') return resource
  const mapping = isNative ? format.mapNative(seriesName) : format.map(ownLabels, typeOf, rules, counterForm)
  if (isDrop(mapping)) return mapping
  if (mapping.role === 'created') return { role: 'created', createdOf: createdKeys(labels, mapping) }

  if (isDrop(resource)) return resource
  const metricLabels = metricLabelsOf(ownLabels, target, resource, mapping, rules)
  const name = rules.metricRenames.get(mapping.name) ?? format.metricName(mapping.name)
  if (name === undefined) {
    return {
      drop: 'metric_name_invalid',
      detail: `${JSON.stringify(mapping.name)} contains no ASCII letter or digit; metric_renames can change it`,
    }
  }
  const typeWith = (suffix: string | undefined) =>
    `${rules.metricsPrefix}/${name}${suffix === undefined ? '' : `/${suffix}`}`
  const metricType = typeWith(mapping.suffix)
  const drop = beyondLimits(metricType, metricLabels, format.metricType)
  if (drop !== undefined) return drop

  const identity: TimeSeriesIdentity = {
    metricType,
    metricLabels,
    resourceType: resource.type,
    resourceLabels: resource.labels,
    metricKind: mapping.metricKind,
    valueType: mapping.valueType,
  }
  if (mapping.role === 'gauge' && mapping.counterSuffix !== undefined) {
    const counter: TimeSeriesIdentity = {
      ...identity,
      metricType: typeWith(mapping.counterSuffix),
      metricKind: 'CUMULATIVE',
    }
    return { role: 'gauge', identity, counter }
  }
  if (mapping.role === 'gauge' || mapping.role === 'cumulative' || mapping.role === 'native')
    return { role: mapping.role, identity }

  const bound = mapping.role === 'bucket' ? parseBound(ownLabels.get('le')) : Number.NaN
  if (mapping.role === 'bucket' && Number.isNaN(bound)) {
    return {
      drop: 'labels_invalid',
      detail: `the bucket's le is ${JSON.stringify(ownLabels.get('le') ?? '')}, not a number`,
    }
  }
  return { role: mapping.role, identity, histogram: histogramKey(labels, mapping), bound }
}

/** Prometheus 3 writes `1` as `1.0`; the time series remains the same. */
const WHOLE_NUMBER = /^(\d+)\.0$/

function metricLabelsOf(
  labels: Labels,
  target: Target | undefined,
  resource: MatchedResource,
  mapping: MetricMapping,
  rules: ConversionRules,
): Labels {
  const { keepsTargetLabels } = FORMATS[rules.format]
  const kept = new Map<string, string>()
  for (const [name, value] of labels) {
    if (name === METRIC_NAME || resource.consumed.has(name)) continue
    if (!keepsTargetLabels && target?.labels.get(name) === value) continue
    if (name === 'le' && mapping.role === 'bucket') continue
    const isBound =
      (name === 'le' && rules.format === 'external') || (name === 'quantile' && mapping.familyType === 'summary')
    const text = isBound ? value.replace(WHOLE_NUMBER, '$1') : value
    const key = labelKey(name)
    const other = kept.get(key)
    // If two names become the same one, the first wins, as in Google's exporter.
    kept.set(key, other === undefined ? text : `${other};${text}`)
  }
  return kept
}

function beyondLimits(metricType: string, labels: Labels, allowed: RegExp): Drop | undefined {
  if (!allowed.test(metricType) || metricType.length > LIMITS.metricTypeLength) {
    return {
      drop: 'metric_name_invalid',
      detail: `${metricType} is not a metric type that Cloud Monitoring accepts (letters, digits and _, at most ${LIMITS.metricTypeLength} characters); metric_renames can change it`,
    }
  }
  if (labels.size > LIMITS.metricLabels) {
    return {
      drop: 'too_many_labels',
      detail: `${labels.size} metric labels; at most ${LIMITS.metricLabels} are allowed`,
    }
  }
  for (const [name, value] of labels) {
    if (name.length > LIMITS.labelKeyLength || Buffer.byteLength(value) > LIMITS.labelValueBytes) {
      return {
        drop: 'label_too_long',
        detail: `label ${name}: names may have up to ${LIMITS.labelKeyLength} characters, values up to ${LIMITS.labelValueBytes} bytes`,
      }
    }
  }
  return undefined
}

function histogramKey(labels: Labels, mapping: MetricMapping): string {
  const shared = new Map(labels)
  shared.delete('le')
  shared.set(METRIC_NAME, mapping.family)
  return labelsKey(encodeLabels(shared))
}

function createdKeys(labels: Labels, { family, familyType }: MetricMapping): Buffer[] {
  const suffixes =
    familyType === 'counter' ? ['_total', ''] : familyType === 'summary' ? ['_sum', '_count'] : ['_count']
  return suffixes.map((suffix) => encodeLabels(new Map(labels).set(METRIC_NAME, `${family}${suffix}`)))
}

function parseBound(le: string | undefined): number {
  if (le === undefined || le.trim() === '') return Number.NaN
  if (le === '+Inf' || le === 'Inf') return Number.POSITIVE_INFINITY
  return Number(le)
}
