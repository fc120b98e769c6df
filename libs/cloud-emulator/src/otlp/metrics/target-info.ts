import { TELEMETRY_LABEL_KEY } from '../../monitoring/descriptors/check-names.ts'
import { METRIC_KINDS, type TimeSeriesMessage, VALUE_TYPES } from '../../monitoring/model/messages.ts'
import { maxLabels, WRITE_LIMITS } from '../../monitoring/model/write-limits.ts'
import { microsToTimestamp } from '../../protos/timestamp.ts'
import type { PrometheusTarget } from './prometheus-target.ts'

const TYPE = 'prometheus.googleapis.com/target_info/gauge'
/** The attributes in the target's own labels. */
const IDENTITY = new Set(['service.name', 'service.namespace', 'service.instance.id'])

/** `target_info`, whose labels are a resource's attributes; undefined if all attributes are in the target's labels. */
export function targetInfo(
  attributes: ReadonlyMap<string, string>,
  { target, endMicros }: { target: PrometheusTarget['labels']; endMicros: number },
): TimeSeriesMessage | undefined {
  const labels = [...attributes]
    .filter(
      ([key]) => !IDENTITY.has(key) && TELEMETRY_LABEL_KEY.test(key) && key.length <= WRITE_LIMITS.labelKeyCharacters,
    )
    .slice(0, maxLabels(TYPE))
    .map(([key, value]) => [key, value.slice(0, WRITE_LIMITS.labelValueCharacters)])
  if (labels.length === 0) return undefined
  const time = microsToTimestamp(endMicros)
  return {
    metric: { type: TYPE, labels: Object.fromEntries(labels) },
    resource: { type: 'prometheus_target', labels: { ...target } },
    metricKind: METRIC_KINDS.indexOf('GAUGE'),
    valueType: VALUE_TYPES.indexOf('DOUBLE'),
    points: [{ interval: { startTime: time, endTime: time }, value: { value: 'doubleValue', doubleValue: 1 } }],
  }
}
