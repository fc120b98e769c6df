import {
  allBuckets,
  type FloatHistogram,
  hasCustomBuckets,
  type MatrixSeries,
  type QueryResult,
  type VectorSample,
} from '@node-to-cloud/promql'
import { numberText } from '../number-text.ts'

/** The result of a query as `data` in Prometheus' API. */
export function resultData({ value }: QueryResult, timeMs: number, limit: number): object {
  const time = timeMs / 1000
  switch (value.type) {
    case 'scalar':
      return { resultType: 'scalar', result: [time, numberText(value.value)] }
    case 'string':
      return { resultType: 'string', result: [time, value.value] }
    case 'vector':
      return { resultType: 'vector', result: limited(value.samples, limit).map((sample) => vectorItem(sample, time)) }
    case 'matrix':
      return { resultType: 'matrix', result: limited(value.series, limit).map(matrixItem) }
  }
}

function limited<T>(list: readonly T[], limit: number): readonly T[] {
  return limit > 0 ? list.slice(0, limit) : list
}

/** Whether a limit truncates a result. */
export function isCut({ value }: QueryResult, limit: number): boolean {
  const length = value.type === 'vector' ? value.samples.length : value.type === 'matrix' ? value.series.length : 0
  return limit > 0 && length > limit
}

function vectorItem({ labels, value }: VectorSample, time: number): object {
  const metric = labels.toJSON()
  if (typeof value === 'number') return { metric, value: [time, numberText(value)] }
  return { metric, histogram: [time, histogramJson(value)] }
}

function matrixItem({ labels, floats, histograms }: MatrixSeries): object {
  const values = floats.times.map((time, i) => [time / 1000, numberText(floats.values[i] ?? Number.NaN)])
  const native = histograms.times.flatMap((time, i) => {
    const histogram = histograms.values[i]
    return histogram === undefined ? [] : [[time / 1000, histogramJson(histogram)]]
  })
  return {
    metric: labels.toJSON(),
    ...(values.length > 0 && { values }),
    ...(native.length > 0 && { histograms: native }),
  }
}

function histogramJson(histogram: FloatHistogram): object {
  const buckets = allBuckets(histogram).filter(({ count }) => count !== 0)
  return {
    count: numberText(histogram.count),
    sum: numberText(histogram.sum),
    ...(buckets.length > 0 && {
      buckets: buckets.map(({ lower, upper, lowerInclusive, upperInclusive, count }) => {
        const rule = lowerInclusive ? (upperInclusive ? 3 : 1) : upperInclusive ? 0 : 2
        const isOpen = hasCustomBuckets(histogram) && lower === Number.NEGATIVE_INFINITY
        return [isOpen ? 3 : rule, numberText(lower), numberText(upper), numberText(count)]
      }),
    }),
  }
}
