import type { MetricKind, ValueType } from '../../contract/metrics.ts'

/** `google.monitoring.v3.Aggregation.Aligner` by number. */
export const ALIGNERS = {
  0: 'ALIGN_NONE',
  1: 'ALIGN_DELTA',
  2: 'ALIGN_RATE',
  3: 'ALIGN_INTERPOLATE',
  4: 'ALIGN_NEXT_OLDER',
  10: 'ALIGN_MIN',
  11: 'ALIGN_MAX',
  12: 'ALIGN_MEAN',
  13: 'ALIGN_COUNT',
  14: 'ALIGN_SUM',
  15: 'ALIGN_STDDEV',
  16: 'ALIGN_COUNT_TRUE',
  17: 'ALIGN_FRACTION_TRUE',
  18: 'ALIGN_PERCENTILE_99',
  19: 'ALIGN_PERCENTILE_95',
  20: 'ALIGN_PERCENTILE_50',
  21: 'ALIGN_PERCENTILE_05',
  23: 'ALIGN_PERCENT_CHANGE',
  24: 'ALIGN_COUNT_FALSE',
} as const

/** ALIGN_PERCENT_CHANGE compares means over this time. */
export const MOVING_MEAN_MICROS = 600_000_000

export type Aligner = (typeof ALIGNERS)[keyof typeof ALIGNERS]

type ValueClass = 'numeric' | 'bool' | 'distribution' | 'other'

interface AlignerRule {
  readonly kinds: readonly MetricKind[]
  readonly values: readonly ValueClass[]
  /** The type of the result; undefined if it is that of the input. */
  readonly kind?: MetricKind
  readonly valueType?: ValueType
}

const GAUGE_OR_DELTA: readonly MetricKind[] = ['GAUGE', 'DELTA']
const CUMULATIVE_OR_DELTA: readonly MetricKind[] = ['CUMULATIVE', 'DELTA']
const PERCENTILE: AlignerRule = { kinds: GAUGE_OR_DELTA, values: ['distribution'], kind: 'GAUGE', valueType: 'DOUBLE' }

/** The metrics that each aligner can be applied to, and its result (google/monitoring/v3/common.proto). */
const RULES: Readonly<Record<Aligner, AlignerRule>> = {
  ALIGN_NONE: { kinds: ['GAUGE', 'DELTA', 'CUMULATIVE'], values: ['numeric', 'bool', 'distribution', 'other'] },
  ALIGN_DELTA: { kinds: CUMULATIVE_OR_DELTA, values: ['numeric', 'distribution'], kind: 'DELTA' },
  ALIGN_RATE: { kinds: CUMULATIVE_OR_DELTA, values: ['numeric'], kind: 'GAUGE', valueType: 'DOUBLE' },
  ALIGN_INTERPOLATE: { kinds: ['GAUGE'], values: ['numeric'] },
  ALIGN_NEXT_OLDER: { kinds: ['GAUGE'], values: ['numeric', 'bool', 'distribution', 'other'] },
  ALIGN_MIN: { kinds: GAUGE_OR_DELTA, values: ['numeric'] },
  ALIGN_MAX: { kinds: GAUGE_OR_DELTA, values: ['numeric'] },
  ALIGN_MEAN: { kinds: GAUGE_OR_DELTA, values: ['numeric'], valueType: 'DOUBLE' },
  ALIGN_COUNT: { kinds: GAUGE_OR_DELTA, values: ['numeric', 'bool'], valueType: 'INT64' },
  ALIGN_SUM: { kinds: GAUGE_OR_DELTA, values: ['numeric', 'distribution'] },
  ALIGN_STDDEV: { kinds: GAUGE_OR_DELTA, values: ['numeric'], valueType: 'DOUBLE' },
  ALIGN_COUNT_TRUE: { kinds: ['GAUGE'], values: ['bool'], valueType: 'INT64' },
  ALIGN_COUNT_FALSE: { kinds: ['GAUGE'], values: ['bool'], valueType: 'INT64' },
  ALIGN_FRACTION_TRUE: { kinds: ['GAUGE'], values: ['bool'], valueType: 'DOUBLE' },
  ALIGN_PERCENTILE_99: PERCENTILE,
  ALIGN_PERCENTILE_95: PERCENTILE,
  ALIGN_PERCENTILE_50: PERCENTILE,
  ALIGN_PERCENTILE_05: PERCENTILE,
  ALIGN_PERCENT_CHANGE: { kinds: GAUGE_OR_DELTA, values: ['numeric'], kind: 'GAUGE', valueType: 'DOUBLE' },
}

/** The metric kind and value type of an aligner's result; undefined if it can't be applied. */
export function alignedType(
  aligner: Aligner,
  input: { metricKind: MetricKind; valueType: ValueType },
): { metricKind: MetricKind; valueType: ValueType } | undefined {
  const rule = RULES[aligner]
  if (!rule.kinds.includes(input.metricKind) || !rule.values.includes(valueClass(input.valueType))) return undefined
  return { metricKind: rule.kind ?? input.metricKind, valueType: rule.valueType ?? input.valueType }
}

/** How far before the start of the first alignment period points are read. */
export function lookbackMicros(aligner: Aligner): number {
  return aligner === 'ALIGN_PERCENT_CHANGE' ? MOVING_MEAN_MICROS : 0
}

/** The class of value types by which aligners and reducers are allowed. */
export function valueClass(valueType: ValueType): ValueClass {
  if (valueType === 'INT64' || valueType === 'DOUBLE') return 'numeric'
  if (valueType === 'BOOL') return 'bool'
  return valueType === 'DISTRIBUTION' ? 'distribution' : 'other'
}
