import type { Labels, MetricKind, ValueType } from '../../contract/metrics.ts'
import type { MetricDescriptorMessage } from './messages.ts'
import { LABEL_VALUE_TYPES, METRIC_KINDS, VALUE_TYPES } from './messages.ts'

export interface LabelDescriptor {
  readonly key: string
  readonly valueType: (typeof LABEL_VALUE_TYPES)[number]
  readonly description: string
}

/** A metric type of a project. Labels are never removed. */
export interface MetricDescriptor {
  readonly type: string
  readonly metricKind: MetricKind
  readonly valueType: ValueType
  readonly labels: readonly LabelDescriptor[]
  readonly unit: string
  readonly description: string
  readonly displayName: string
  readonly launchStage: number
  readonly metadata: object | null
}

/**
 * The descriptor that the API creates from the first series of a type: all labels are strings, and there is no
 * description.
 */
export function autoCreatedDescriptor(series: {
  type: string
  labels: Labels
  metricKind: MetricKind
  valueType: ValueType
  unit: string
}): MetricDescriptor {
  const { type, labels, metricKind, valueType, unit } = series
  return {
    type,
    metricKind,
    valueType,
    labels: Object.keys(labels).sort().map(stringLabel),
    unit,
    description: '',
    displayName: '',
    launchStage: 0,
    metadata: null,
  }
}

/** The descriptor with a series' labels added; the same object if it has all of them. */
export function withLabels(descriptor: MetricDescriptor, labels: Labels): MetricDescriptor {
  const known = new Set(descriptor.labels.map((label) => label.key))
  const added = Object.keys(labels).filter((key) => !known.has(key))
  return added.length === 0
    ? descriptor
    : { ...descriptor, labels: [...descriptor.labels, ...added.sort().map(stringLabel)] }
}

/** A descriptor as a `google.api.MetricDescriptor`. */
export function descriptorMessage(descriptor: MetricDescriptor, projectId: string): MetricDescriptorMessage {
  return {
    name: `projects/${projectId}/metricDescriptors/${descriptor.type}`,
    type: descriptor.type,
    labels: descriptor.labels.map((label) => ({
      key: label.key,
      valueType: LABEL_VALUE_TYPES.indexOf(label.valueType),
      description: label.description,
    })),
    metricKind: METRIC_KINDS.indexOf(descriptor.metricKind),
    valueType: VALUE_TYPES.indexOf(descriptor.valueType),
    unit: descriptor.unit,
    description: descriptor.description,
    displayName: descriptor.displayName,
    ...(descriptor.metadata ? { metadata: descriptor.metadata } : {}),
    ...(descriptor.launchStage ? { launchStage: descriptor.launchStage } : {}),
  }
}

function stringLabel(key: string): LabelDescriptor {
  return { key, valueType: 'STRING', description: '' }
}
