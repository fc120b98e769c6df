import { type FloatHistogram, type SeriesSamples, toSpans } from '../../src/index.ts'

/** Within this time, samples may be older than those of other series that were written before. */
const SLICE_MS = 20 * 60_000
/** Requests are limited to some megabytes. */
const SERIES_OF_REQUEST = 2000
const STALE = Buffer.from('020000000000f07f', 'hex')
const RESET_HINTS = { unknown: 0, reset: 1, notReset: 2, gauge: 3 } as const

/** The bodies of requests that store the samples, one slice of time after another. */
export function* encodeWriteRequests(series: readonly SeriesSamples[]): Generator<Buffer> {
  const times = series.flatMap(({ timestamps }) => [timestamps[0] ?? 0, timestamps[timestamps.length - 1] ?? 0])
  const lastMs = times.reduce((a, b) => Math.max(a, b), 0)
  for (let startMs = times.reduce((a, b) => Math.min(a, b), lastMs); startMs <= lastMs; startMs += SLICE_MS) {
    const messages = series.flatMap(unmixed).map((one) => field(1, encodeSeries(one, startMs, startMs + SLICE_MS)))
    for (let i = 0; i < messages.length; i += SERIES_OF_REQUEST) {
      yield literalSnappy(Buffer.concat(messages.slice(i, i + SERIES_OF_REQUEST)))
    }
  }
}

/** In a series' message floats precede histograms, so that a series with both is split into several messages. */
function unmixed(samples: SeriesSamples): SeriesSamples[] {
  const { labels, timestamps, values, histograms, stale } = samples
  const kinds = new Set(Array.from(timestamps, (_, i) => histograms?.[i] === undefined))
  if (kinds.size < 2) return [samples]
  return Array.from(timestamps, (time, i) => ({
    labels,
    timestamps: [time],
    values: [values[i] ?? Number.NaN],
    histograms: [histograms?.[i]],
    stale: [stale?.[i] ?? 0],
  }))
}

function encodeSeries(samples: SeriesSamples, startMs: number, endMs: number): Buffer {
  const { labels, timestamps, values, histograms, stale } = samples
  const parts: Buffer[] = []
  for (const [name, value] of labels) {
    parts.push(field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))])))
  }
  for (let i = 0; i < timestamps.length; i++) {
    const time = timestamps[i] ?? 0
    if (time < startMs || time >= endMs) continue
    const histogram = histograms?.[i]
    if (histogram !== undefined) parts.push(field(4, encodeHistogram(histogram, time)))
    else {
      const number = stale?.[i] ? Buffer.concat([varint((1 << 3) | 1), STALE]) : double(1, values[i] ?? Number.NaN)
      parts.push(field(2, Buffer.concat([number, integer(2, time)])))
    }
  }
  return Buffer.concat(parts)
}

function encodeHistogram(histogram: FloatHistogram, time: number): Buffer {
  const sides = [
    { side: histogram.negative, spans: 8, counts: 10 },
    { side: histogram.positive, spans: 11, counts: 13 },
  ]
  return Buffer.concat([
    double(2, histogram.count),
    double(3, histogram.sum),
    integer(4, zigzag(histogram.schema)),
    double(5, histogram.zeroThreshold),
    double(7, histogram.zeroCount),
    ...sides.flatMap(({ side, spans, counts }) => [
      ...toSpans(side).map(({ offset, length }) =>
        field(spans, Buffer.concat([integer(1, zigzag(offset)), integer(2, length)])),
      ),
      field(counts, doubles(side.counts)),
    ]),
    integer(14, RESET_HINTS[histogram.hint]),
    integer(15, time),
    field(16, doubles(histogram.customValues)),
  ])
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}

function integer(number: number, value: number): Buffer {
  return Buffer.concat([varint(number << 3), varint(value)])
}

function double(number: number, value: number): Buffer {
  return Buffer.concat([varint((number << 3) | 1), doubles([value])])
}

function doubles(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length)
  for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, 8 * i)
  return bytes
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

/** A Snappy block without compression. */
function literalSnappy(bytes: Buffer): Buffer {
  const parts = [varint(bytes.length)]
  for (let start = 0; start < bytes.length; start += 65_536) {
    const part = bytes.subarray(start, start + 65_536)
    const tag = Buffer.from([61 << 2, (part.length - 1) & 0xff, (part.length - 1) >> 8])
    parts.push(tag, part)
  }
  return Buffer.concat(parts)
}
