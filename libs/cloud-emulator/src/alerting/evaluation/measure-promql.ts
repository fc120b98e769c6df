import { METRIC_NAME } from '@node-to-cloud/promql'
import type { Labels } from '../../contract/metrics.ts'
import type { PromqlConditionMessage } from '../policies/policy.ts'
import type { Measure, Measurement } from './measurement.ts'

/** A series of an instant vector; a scalar is one without labels. */
export interface VectorSeries {
  readonly labels: Labels
  readonly value: number
}

/** Answers a PromQL query at a time. Rejects with `RpcError` if it can't be answered. */
export type InstantVector = (query: string, atMs: number) => Promise<readonly VectorSeries[]>

const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g

/** Measures what a PromQL condition queries: each series of the result is one for which it holds. */
export function measurePromql(condition: PromqlConditionMessage, answer: InstantVector): Measure {
  return async (atMicros) => ({
    // A query that gives nothing holds for nothing; that it names no metric can't be told from that.
    selected: 1,
    series: (await answer(condition.query, atMicros / 1000)).map((one) => measurement(one, condition.labels)),
  })
}

function measurement({ labels, value }: VectorSeries, added: Labels): Measurement {
  const all = { ...labels }
  for (const [name, template] of Object.entries(added))
    all[name] = template.replace(VARIABLE, (_, key: string) => (key === 'value' ? String(value) : (labels[key] ?? '')))
  const { [METRIC_NAME]: metricType = '', ...metricLabels } = all
  // Labels from templates may have the value in them, so they don't tell one series from another.
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return { key: JSON.stringify(entries), value, metricType, metricLabels, resourceType: '', resourceLabels: {} }
}
