import { fieldMessage } from '../../api/rpc-error.ts'
import { LABEL_VALUE_TYPES, METRIC_KINDS, type MetricDescriptorMessage, VALUE_TYPES } from '../model/messages.ts'
import type { LabelDescriptor, MetricDescriptor } from '../model/metric-descriptor.ts'
import { maxLabels } from '../model/write-limits.ts'
import { labelKeyProblem, metricTypeProblem } from './check-names.ts'

const FIELD = 'metricDescriptor'

/**
 * The descriptor in a CreateMetricDescriptor request, merged with the labels of an existing one; or the API's error
 * message.
 */
export function checkDescriptor(
  message: MetricDescriptorMessage,
  existing: MetricDescriptor | undefined,
): MetricDescriptor | string {
  const typeProblem = metricTypeProblem(message.type, `${FIELD}.type`)
  if (typeProblem !== undefined) return typeProblem
  const metricKind = METRIC_KINDS[message.metricKind]
  if (metricKind !== 'GAUGE' && metricKind !== 'CUMULATIVE') {
    return fieldMessage(
      `${FIELD}.metricKind`,
      metricKind ?? String(message.metricKind),
      'User-defined metrics must be GAUGE or CUMULATIVE.',
    )
  }
  const valueType = VALUE_TYPES[message.valueType]
  if (valueType !== 'BOOL' && valueType !== 'INT64' && valueType !== 'DOUBLE' && valueType !== 'DISTRIBUTION') {
    return fieldMessage(
      `${FIELD}.valueType`,
      valueType ?? String(message.valueType),
      'User-defined metrics must be BOOL, INT64, DOUBLE or DISTRIBUTION.',
    )
  }
  if (valueType === 'BOOL' && metricKind !== 'GAUGE')
    return fieldMessage(`${FIELD}.valueType`, valueType, 'A BOOL metric must be GAUGE.')
  if (existing && existing.metricKind !== metricKind) {
    return `Metric kind for metric ${message.type} must be ${existing.metricKind}, but is ${metricKind}.`
  }
  if (existing && existing.valueType !== valueType) {
    return `Value type for metric ${message.type} must be ${existing.valueType}, but is ${valueType}.`
  }
  const labels = checkLabels(message, existing)
  if (typeof labels === 'string') return labels
  return {
    type: message.type,
    metricKind,
    valueType,
    labels,
    unit: message.unit,
    description: message.description,
    displayName: message.displayName,
    launchStage: message.launchStage ?? 0,
    metadata: message.metadata ?? null,
  }
}

function checkLabels(
  message: MetricDescriptorMessage,
  existing: MetricDescriptor | undefined,
): LabelDescriptor[] | string {
  const byKey = new Map((existing?.labels ?? []).map((label) => [label.key, label]))
  const seen = new Set<string>()
  for (const [index, label] of message.labels.entries()) {
    const field = `${FIELD}.labels[${index}]`
    const problem = labelKeyProblem(label.key, `${field}.key`)
    if (problem !== undefined) return problem
    if (seen.has(label.key)) return fieldMessage(`${field}.key`, label.key, 'The label is given more than once.')
    seen.add(label.key)
    const valueType = LABEL_VALUE_TYPES[label.valueType]
    if (valueType === undefined)
      return fieldMessage(`${field}.valueType`, String(label.valueType), 'STRING, BOOL and INT64 are allowed.')
    byKey.set(label.key, { key: label.key, valueType, description: label.description })
  }
  if (byKey.size > maxLabels(message.type)) {
    return fieldMessage(
      `${FIELD}.labels`,
      undefined,
      `There would be ${byKey.size} labels; at most ${maxLabels(message.type)} are allowed.`,
    )
  }
  return [...byKey.values()]
}
