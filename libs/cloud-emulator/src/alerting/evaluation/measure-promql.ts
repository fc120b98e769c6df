import { METRIC_NAME } from '@node-to-cloud/promql'
import type { Labels } from '../../contract/metrics.ts'
import type { PromqlConditionMessage } from '../policies/policy.ts'
import type { Measure, Measurement } from './measurement.ts'

/** A series of an instant vector; a scalar is one without labels. */
export interface VectorSeries {
  readonly labels: Labels
  readonly value: number
}

/** Evaluates an instant PromQL query. Rejects with `RpcError` if it fails. */
export type InstantVector = (query: string, atMs: number) => Promise<readonly VectorSeries[]>

const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g

/** Measures the query of a PromQL condition, which is met for each series of the result. */
export function measurePromql(condition: PromqlConditionMessage, answer: InstantVector): Measure {
  return async (atMicros) => ({
    // With an empty result the condition is met for no series; a missing metric can't be distinguished from that.
    selected: 1,
    series: (await answer(condition.query, atMicros / 1000)).map((one) => measurement(one, condition.labels)),
  })
}

function measurement({ labels, value }: VectorSeries, added: Labels): Measurement {
  const all = { ...labels }
  for (const [name, template] of Object.entries(added))
    all[name] = template.replace(VARIABLE, (_, key: string) => (key === 'value' ? String(value) : (labels[key] ?? '')))
  const { [METRIC_NAME]: metricType = '', ...metricLabels } = all
  // Labels from templates may contain the value, so they don't identify a series.
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return { key: JSON.stringify(entries), value, metricType, metricLabels, resourceType: '', resourceLabels: {} }
}
