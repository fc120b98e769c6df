import { fieldMessage } from '../../api/rpc-error.ts'
import type { Labels, MetricKind, ValueType } from '../../contract/metrics.ts'
import { labelKeyProblem, type MetricWriter, metricTypeProblem } from '../descriptors/check-names.ts'
import { checkResource, monitoredResourceType } from '../descriptors/monitored-resources.ts'
import { isInterned } from '../model/interned-series.ts'
import type { PointMessage, TimeSeriesMessage, TypedValueMember } from '../model/messages.ts'
import { METRIC_KINDS, VALUE_TYPES } from '../model/messages.ts'
import type { MetricDescriptor } from '../model/metric-descriptor.ts'
import { maxLabels, WRITE_LIMITS } from '../model/write-limits.ts'
import { type SeriesIdentity, type StoredValueType, seriesKey } from '../store/series.ts'
import { checkDistribution } from './check-distribution.ts'

/** Why a series is rejected: a fixed word for metrics, and the API's message. */
export interface Problem {
  readonly reason: string
  readonly message: string
}

const TYPE_OF_MEMBER: Readonly<Record<TypedValueMember, ValueType>> = {
  boolValue: 'BOOL',
  int64Value: 'INT64',
  doubleValue: 'DOUBLE',
  stringValue: 'STRING',
  distributionValue: 'DISTRIBUTION',
}

/** The type of a point's value; undefined if it has none. */
export function valueTypeOf(point: PointMessage): ValueType | undefined {
  const member = point.value?.value
  return member === undefined ? undefined : TYPE_OF_MEMBER[member]
}

/** The identity of a valid series. */
interface CheckedIdentity extends SeriesIdentity {
  /** The key from `seriesKey`. */
  readonly key: string
  /** A descriptor that has all of its labels. */
  described: MetricDescriptor | undefined
}

/** A valid series that may still be out of order or a duplicate. */
export interface CheckedSeries {
  readonly identity: CheckedIdentity
  readonly metricKind: MetricKind
  readonly valueType: StoredValueType
}

interface KnownIdentity {
  readonly resource: object
  readonly projectId: string
  readonly writer: MetricWriter
  readonly identity: CheckedIdentity
}

/** Keyed by the message of their metric, which must be interned. */
const identities = new WeakMap<object, KnownIdentity>()

/**
 * Validates a series of CreateTimeSeries, also against an existing descriptor. `field` is its path, such as
 * `timeSeries[0]`. The point's interval is validated elsewhere.
 */
export function checkSeries(
  series: TimeSeriesMessage,
  options: { field: string; descriptor: MetricDescriptor | undefined; projectId: string; writer: MetricWriter },
): CheckedSeries | Problem {
  const { field, descriptor, writer } = options
  const identity = knownIdentity(series, options) ?? checkIdentity(series, options)
  if ('reason' in identity) return identity
  const metricKind = kindOf(series, descriptor, { field, writer })
  if (typeof metricKind === 'object') return metricKind
  const valueType = checkedValueType(series, { field, descriptor, metricKind })
  if (typeof valueType === 'object') return valueType
  return { identity, metricKind, valueType }
}

interface IdentityOptions {
  readonly field: string
  readonly projectId: string
  readonly writer: MetricWriter
}

/** Earlier results for the same metric and resource. */
function knownIdentity(
  { metric, resource }: TimeSeriesMessage,
  { projectId, writer }: IdentityOptions,
): CheckedIdentity | undefined {
  const known = metric ? identities.get(metric) : undefined
  if (known?.resource !== resource || known?.projectId !== projectId || known.writer !== writer) return undefined
  return known.identity
}

function checkIdentity(series: TimeSeriesMessage, options: IdentityOptions): CheckedIdentity | Problem {
  const { field, projectId, writer } = options
  const metric = series.metric ?? { type: '', labels: {} }
  const resource = series.resource ?? { type: '', labels: {} }
  const typeProblem = metricTypeProblem(metric.type, `${field}.metric.type`, writer)
  if (typeProblem !== undefined) return { reason: 'metric_type', message: typeProblem }
  const labelProblem =
    labelsProblem(metric.labels, { field: `${field}.metric.labels`, writer, max: maxLabels(metric.type) }) ??
    labelsProblem(resource.labels, {
      field: `${field}.resource.labels`,
      writer,
      max: WRITE_LIMITS.labelsPerDescriptor,
    })
  if (labelProblem !== undefined) return { reason: 'labels', message: labelProblem }
  const resourceProblem = checkResource(resource, writer)
  if (resourceProblem !== undefined) return { reason: 'resource', message: resourceProblem }
  const about = {
    metricType: metric.type,
    metricLabels: metric.labels,
    resourceType: resource.type,
    resourceLabels: withProject(resource, projectId),
  }
  const identity = { ...about, key: seriesKey(about), described: undefined }
  if (isInterned(metric) && isInterned(resource)) identities.set(metric, { resource, projectId, writer, identity })
  return identity
}

function withProject({ type, labels }: { type: string; labels: Labels }, projectId: string): Labels {
  const label = monitoredResourceType(type)?.projectLabel ?? 'project_id'
  return labels[label] === undefined ? { ...labels, [label]: projectId } : labels
}

function labelsProblem(
  labels: Labels,
  { field, writer, max }: { field: string; writer: MetricWriter; max: number },
): string | undefined {
  const keys = Object.keys(labels)
  if (keys.length > max)
    return fieldMessage(field, undefined, `It has ${keys.length} labels; at most ${max} are allowed.`)
  for (const key of keys) {
    const problem = labelKeyProblem(key, field, writer)
    if (problem !== undefined) return problem
    const characters = labels[key]?.length ?? 0
    if (characters > WRITE_LIMITS.labelValueCharacters) {
      return fieldMessage(
        `${field}[${key}]`,
        undefined,
        `The label value has ${characters} characters; at most ${WRITE_LIMITS.labelValueCharacters} are allowed.`,
      )
    }
  }
  return undefined
}

function kindOf(
  series: TimeSeriesMessage,
  descriptor: MetricDescriptor | undefined,
  { field, writer }: { field: string; writer: MetricWriter },
): MetricKind | Problem {
  const name = METRIC_KINDS[series.metricKind]
  if (name === undefined) {
    return {
      reason: 'metric_kind',
      message: fieldMessage(`${field}.metricKind`, String(series.metricKind), 'Unknown metric kind.'),
    }
  }
  const type = series.metric?.type ?? ''
  if (name === 'METRIC_KIND_UNSPECIFIED') return descriptor?.metricKind ?? 'GAUGE'
  if (descriptor && descriptor.metricKind !== name) {
    return {
      reason: 'metric_kind',
      message: `Metric kind for metric ${type} must be ${descriptor.metricKind}, but is ${name}.`,
    }
  }
  if (name === 'DELTA' && writer === 'user')
    return {
      reason: 'metric_kind',
      message: `Metric kind for metric ${type} must be GAUGE or CUMULATIVE, but is DELTA.`,
    }
  return name
}

function checkedValueType(
  series: TimeSeriesMessage,
  options: { field: string; descriptor: MetricDescriptor | undefined; metricKind: MetricKind },
): StoredValueType | Problem {
  const { field, descriptor, metricKind } = options
  const type = series.metric?.type ?? ''
  const point = series.points[0]
  const valueType = point && valueTypeOf(point)
  const problem = (message: string): Problem => ({ reason: 'value_type', message })
  if (!point || valueType === undefined) {
    return problem(fieldMessage(`${field}.points[0].value`, undefined, 'The value of the point is not set.'))
  }
  const declared = VALUE_TYPES[series.valueType]
  if (declared === undefined)
    return problem(fieldMessage(`${field}.valueType`, String(series.valueType), 'Unknown value type.'))
  if (descriptor && declared !== 'VALUE_TYPE_UNSPECIFIED' && declared !== descriptor.valueType) {
    return problem(`Value type for metric ${type} conflicts with the existing value type (${descriptor.valueType}).`)
  }
  const expected = descriptor?.valueType ?? (declared === 'VALUE_TYPE_UNSPECIFIED' ? undefined : declared)
  if (expected !== undefined && valueType !== expected)
    return problem(`Value type for metric ${type} must be ${expected}, but is ${valueType}.`)
  if (valueType === 'STRING' || valueType === 'MONEY') {
    return problem(`Value type for metric ${type} must be BOOL, INT64, DOUBLE or DISTRIBUTION, but is ${valueType}.`)
  }
  if (valueType === 'BOOL' && metricKind !== 'GAUGE') {
    return problem(
      `Value type for the ${metricKind} metric ${type} must be INT64, DOUBLE or DISTRIBUTION, but is BOOL.`,
    )
  }
  const value = point.value
  if (value?.value === 'distributionValue' && value.distributionValue) {
    const message = checkDistribution(value.distributionValue, `${field}.points[0].distributionValue`)
    if (message !== undefined) return { reason: 'distribution', message }
  }
  return valueType
}
