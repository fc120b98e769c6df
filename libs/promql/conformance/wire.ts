import {
  type Buckets,
  type FloatHistogram,
  floatHistogram,
  fromSpans,
  Labels,
  type MatrixSeries,
  type QueryResult,
  type ResetHint,
  type SeriesSamples,
  toSpans,
  type VectorSample,
} from '../src/index.ts'

/** A query, and the contents of the store if they have changed since the last one. */
export interface Request {
  readonly query: string
  readonly start: number
  readonly end: number
  readonly step: number
  readonly range: boolean
  readonly series?: readonly WireSeries[]
}

interface WireSeries {
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly points: readonly WirePoint[]
}

interface WirePoint {
  readonly t: number
  readonly st?: number
  readonly stale?: boolean
  readonly v?: string
  readonly h?: WireHistogram
}

interface WireSide {
  readonly spans: readonly (readonly [offset: number, length: number])[]
  readonly counts: readonly string[]
}

/** Numbers are strings, since JSON has neither NaN nor infinity. */
interface WireHistogram {
  readonly hint: ResetHint
  readonly schema: number
  readonly zeroThreshold: string
  readonly zeroCount: string
  readonly count: string
  readonly sum: string
  readonly positive: WireSide
  readonly negative: WireSide
  readonly customValues: readonly string[]
}

function toNumber(text: string): number {
  return Number(text.replace('Inf', 'Infinity'))
}

function toText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value).replace('Infinity', 'Inf')
}

function toBuckets({ spans, counts }: WireSide): Buckets {
  return fromSpans(
    spans.map(([offset, length]) => ({ offset, length })),
    counts.map(toNumber),
  )
}

function toSide(buckets: Buckets): WireSide {
  return { spans: toSpans(buckets).map(({ offset, length }) => [offset, length]), counts: buckets.counts.map(toText) }
}

function toHistogram(wire: WireHistogram): FloatHistogram {
  return floatHistogram({
    hint: wire.hint,
    schema: wire.schema,
    zeroThreshold: toNumber(wire.zeroThreshold),
    zeroCount: toNumber(wire.zeroCount),
    count: toNumber(wire.count),
    sum: toNumber(wire.sum),
    positive: toBuckets(wire.positive),
    negative: toBuckets(wire.negative),
    customValues: wire.customValues.map(toNumber),
  })
}

function fromHistogram(histogram: FloatHistogram): WireHistogram {
  return {
    hint: histogram.hint,
    schema: histogram.schema,
    zeroThreshold: toText(histogram.zeroThreshold),
    zeroCount: toText(histogram.zeroCount),
    count: toText(histogram.count),
    sum: toText(histogram.sum),
    positive: toSide(histogram.positive),
    negative: toSide(histogram.negative),
    customValues: histogram.customValues.map(toText),
  }
}

/** The series as the engine's store represents it. */
export function toSamples({ labels, points }: WireSeries): SeriesSamples {
  return {
    labels: Labels.from(labels),
    timestamps: points.map(({ t }) => t),
    values: points.map(({ v }) => toNumber(v ?? 'NaN')),
    histograms: points.map(({ h }) => h && toHistogram(h)),
    stale: points.map(({ stale }) => (stale === true ? 1 : 0)),
    startTimestamps: points.map(({ st }) => st ?? 0),
  }
}

/** The result of a query that was evaluated at a time. */
export function answerOf({ value, warnings, infos }: QueryResult, time: number): unknown {
  const rest = { type: value.type, warnings, infos }
  switch (value.type) {
    case 'scalar':
      return { ...rest, number: toText(value.value) }
    case 'string':
      return { ...rest, text: value.value }
    case 'vector':
      return { ...rest, series: value.samples.map((sample) => fromSample(sample, time)) }
    case 'matrix':
      return { ...rest, series: value.series.map(fromSeries) }
  }
}

function toPoint(time: number, value: number | FloatHistogram): WirePoint {
  return typeof value === 'number' ? { t: time, v: toText(value) } : { t: time, h: fromHistogram(value) }
}

function fromSample({ labels, value }: VectorSample, time: number): WireSeries {
  return { labels: [...labels], points: [toPoint(time, value)] }
}

function fromSeries({ labels, floats, histograms }: MatrixSeries): WireSeries {
  const points = [floats, histograms].flatMap(({ times, values }) => {
    return times.flatMap((time, i) => {
      const value = values[i]
      return value === undefined ? [] : [toPoint(time, value)]
    })
  })
  return { labels: [...labels], points }
}
