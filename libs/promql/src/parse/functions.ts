/** The types of PromQL values: an instant vector is a `vector`, a range vector a `matrix`. */
export type ValueType = 'none' | 'scalar' | 'vector' | 'matrix' | 'string'

/** What a function takes and returns. */
export interface FunctionSignature {
  readonly name: string
  readonly arguments: readonly ValueType[]
  /** How many arguments may be given in addition to the {@link arguments} without the last; -1 for any number. */
  readonly variadic: number
  readonly returns: ValueType
  readonly experimental: boolean
}

const V: ValueType = 'vector'
const M: ValueType = 'matrix'
const S: ValueType = 'scalar'
const T: ValueType = 'string'

function group(
  names: string,
  takes: readonly ValueType[],
  { variadic = 0, returns = V, experimental = false }: Partial<FunctionSignature> = {},
): [string, FunctionSignature][] {
  return names.split(' ').map((name) => [name, { name, arguments: takes, variadic, returns, experimental }])
}

/** The functions of PromQL by name. */
export const FUNCTIONS: ReadonlyMap<string, FunctionSignature> = new Map([
  ...group('abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad', [V]),
  ...group('sgn sin sinh sort sort_desc sqrt tan tanh timestamp', [V]),
  ...group('histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar', [V]),
  ...group('start_timestamp', [V], { experimental: true }),
  ...group('days_in_month day_of_month day_of_week day_of_year hour minute month year', [V], { variadic: 1 }),
  ...group('absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase', [M]),
  ...group('irate last_over_time max_over_time min_over_time present_over_time rate resets', [M]),
  ...group('stddev_over_time stdvar_over_time sum_over_time', [M]),
  ...group('mad_over_time ts_of_first_over_time ts_of_last_over_time', [M], { experimental: true }),
  ...group('ts_of_max_over_time ts_of_min_over_time', [M], { experimental: true }),
  ...group('integral', [M, S], { variadic: 1, experimental: true }),
  ...group('double_exponential_smoothing', [M, S, S], { experimental: true }),
  ...group('predict_linear', [M, S]),
  ...group('quantile_over_time', [S, M]),
  ...group('clamp', [V, S, S]),
  ...group('clamp_max clamp_min', [V, S]),
  ...group('round', [V, S], { variadic: 1 }),
  ...group('histogram_fraction', [S, S, V]),
  ...group('histogram_quantile', [S, V]),
  ...group('histogram_quantiles', [V, T, S, S], { variadic: 9, experimental: true }),
  ...group('info', [V, V], { variadic: 1, experimental: true }),
  ...group('label_replace', [V, T, T, T, T]),
  ...group('label_join', [V, T, T, T], { variadic: -1 }),
  ...group('sort_by_label sort_by_label_desc', [V, T], { variadic: -1, experimental: true }),
  ...group('vector', [S]),
  ...group('scalar', [V], { returns: S }),
  ...group('pi time', [], { returns: S }),
  ...group('start end range step', [], { returns: S, experimental: true }),
  ...group('max_of min_of', [S, S], { returns: S, experimental: true }),
])

/** The name of a type in messages. */
export function documentedType(type: ValueType): string {
  if (type === 'vector') return 'instant vector'
  if (type === 'matrix') return 'range vector'
  return type
}
