import type { RangeFunction } from '../evaluation/range-window.ts'
import {
  avgOverTime,
  changes,
  countOverTime,
  firstOverTime,
  lastOverTime,
  maxOverTime,
  minOverTime,
  presentOverTime,
  resets,
  stddevOverTime,
  stdvarOverTime,
  sumOverTime,
  tsOfFirstOverTime,
  tsOfLastOverTime,
  tsOfMaxOverTime,
  tsOfMinOverTime,
} from './over-time.ts'
import { delta, idelta, increase, irate, rate } from './rate.ts'
import { deriv, doubleExponentialSmoothing, integral, madOverTime, predictLinear, quantileOverTime } from './trend.ts'

/** The range functions by name. */
export const RANGE_FUNCTIONS: ReadonlyMap<string, RangeFunction> = new Map([
  ['absent_over_time', presentOverTime],
  ['avg_over_time', avgOverTime],
  ['changes', changes],
  ['count_over_time', countOverTime],
  ['delta', delta],
  ['deriv', deriv],
  ['double_exponential_smoothing', doubleExponentialSmoothing],
  ['first_over_time', firstOverTime],
  ['idelta', idelta],
  ['increase', increase],
  ['integral', integral],
  ['irate', irate],
  ['last_over_time', lastOverTime],
  ['mad_over_time', madOverTime],
  ['max_over_time', maxOverTime],
  ['min_over_time', minOverTime],
  ['predict_linear', predictLinear],
  ['present_over_time', presentOverTime],
  ['quantile_over_time', quantileOverTime],
  ['rate', rate],
  ['resets', resets],
  ['stddev_over_time', stddevOverTime],
  ['stdvar_over_time', stdvarOverTime],
  ['sum_over_time', sumOverTime],
  ['ts_of_first_over_time', tsOfFirstOverTime],
  ['ts_of_last_over_time', tsOfLastOverTime],
  ['ts_of_max_over_time', tsOfMaxOverTime],
  ['ts_of_min_over_time', tsOfMinOverTime],
])

/** Functions that support the samples that `anchored` and `smoothed` add to a range. */
export const EXTENDED_FUNCTIONS = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
} as const
