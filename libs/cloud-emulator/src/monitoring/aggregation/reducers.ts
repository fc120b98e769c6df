import type { MetricKind, ValueType } from '../../contract/metrics.ts'
import { valueClass } from './aligners.ts'

/** `google.monitoring.v3.Aggregation.Reducer` by number. */
export const REDUCERS = {
  0: 'REDUCE_NONE',
  1: 'REDUCE_MEAN',
  2: 'REDUCE_MIN',
  3: 'REDUCE_MAX',
  4: 'REDUCE_SUM',
  5: 'REDUCE_STDDEV',
  6: 'REDUCE_COUNT',
  7: 'REDUCE_COUNT_TRUE',
  8: 'REDUCE_FRACTION_TRUE',
  9: 'REDUCE_PERCENTILE_99',
  10: 'REDUCE_PERCENTILE_95',
  11: 'REDUCE_PERCENTILE_50',
  12: 'REDUCE_PERCENTILE_05',
  15: 'REDUCE_COUNT_FALSE',
} as const

export type Reducer = (typeof REDUCERS)[keyof typeof REDUCERS]

type ValueClass = ReturnType<typeof valueClass>

interface ReducerRule {
  readonly values: readonly ValueClass[]
  readonly kind?: MetricKind
  /** Undefined if it is the same as that of the input. */
  readonly valueType?: ValueType
}

const PERCENTILE: ReducerRule = { values: ['numeric', 'distribution'], kind: 'GAUGE', valueType: 'DOUBLE' }

/** The values of GAUGE and DELTA series that each reducer can be applied to (google/monitoring/v3/common.proto). */
const RULES: Readonly<Record<Reducer, ReducerRule>> = {
  REDUCE_NONE: { values: ['numeric', 'bool', 'distribution', 'other'] },
  REDUCE_MEAN: { values: ['numeric', 'distribution'], valueType: 'DOUBLE' },
  REDUCE_MIN: { values: ['numeric'] },
  REDUCE_MAX: { values: ['numeric'] },
  REDUCE_SUM: { values: ['numeric', 'distribution'] },
  REDUCE_STDDEV: { values: ['numeric', 'distribution'], valueType: 'DOUBLE' },
  REDUCE_COUNT: { values: ['numeric', 'bool', 'distribution', 'other'], valueType: 'INT64' },
  REDUCE_COUNT_TRUE: { values: ['bool'], valueType: 'INT64' },
  REDUCE_COUNT_FALSE: { values: ['bool'], valueType: 'INT64' },
  REDUCE_FRACTION_TRUE: { values: ['bool'], valueType: 'DOUBLE' },
  REDUCE_PERCENTILE_99: PERCENTILE,
  REDUCE_PERCENTILE_95: PERCENTILE,
  REDUCE_PERCENTILE_50: PERCENTILE,
  REDUCE_PERCENTILE_05: PERCENTILE,
}

/** The metric kind and value type of a reducer's result; undefined if it can't be applied. */
export function reducedType(
  reducer: Reducer,
  input: { metricKind: MetricKind; valueType: ValueType },
): { metricKind: MetricKind; valueType: ValueType } | undefined {
  const rule = RULES[reducer]
  if (input.metricKind === 'CUMULATIVE' || !rule.values.includes(valueClass(input.valueType))) return undefined
  return { metricKind: rule.kind ?? input.metricKind, valueType: rule.valueType ?? input.valueType }
}
