import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { CUSTOM_BUCKETS, type NativeBuckets, type NativeHistogram, NO_BUCKETS } from '../model/native-histogram.ts'
import type { ProtobufReader } from '../protobuf/protobuf-reader.ts'
import { isStaleMarker } from './write-request.ts'

/** Tags of the fields of `Histogram`, which are the same in 1.0 and 2.0. */
const COUNT_INT = 0x08
const COUNT_FLOAT = 0x11
const SUM = 0x19
const SCHEMA = 0x20
const ZERO_THRESHOLD = 0x29
const ZERO_COUNT_INT = 0x30
const ZERO_COUNT_FLOAT = 0x39
const NEGATIVE_SPANS = 0x42
const NEGATIVE_DELTAS = 0x48
const NEGATIVE_COUNTS = 0x51
const POSITIVE_SPANS = 0x5a
const POSITIVE_DELTAS = 0x60
const POSITIVE_COUNTS = 0x69
const RESET_HINT = 0x70
const TIMESTAMP = 0x78
const CUSTOM_VALUES = 0x81
const START_TIMESTAMP = 0x88
const SPAN_OFFSET = 0x08
const SPAN_LENGTH = 0x10

const RESET_HINT_YES = 1
const RESET_HINT_GAUGE = 3

/** More buckets than any library writes; Prometheus allows 160 by default. */
const MAX_BUCKETS = 10_000

/** Beyond the indexes of the smallest and largest float64 in the highest schema. */
const MAX_INDEX = 2 ** 19

/** A native histogram that can't be used, and why. */
export interface UnusableHistogram {
  readonly unusable: string
}

class HistogramFields {
  count = 0
  integer = true
  sum = 0
  stale = false
  schema = 0
  zeroThreshold = 0
  zeroCount = 0
  readonly positive = new BucketFields()
  readonly negative = new BucketFields()
  resetHint = 0
  timestampMs = 0
  startMs = 0
  readonly customBounds: number[] = []
}

/** Buckets as sent: spans of adjacent ones, and their counts or the differences between them. */
class BucketFields {
  readonly offsets: number[] = []
  readonly lengths: number[] = []
  readonly deltas: number[] = []
  readonly counts: number[] = []
}

/**
 * Decodes a native histogram, and checks it as Prometheus does: there are as many buckets as its spans say, none is
 * negative, and those of an integer histogram add up to its count.
 */
export function decodeNativeHistogram(cursor: ProtobufReader, end: number): NativeHistogram | UnusableHistogram {
  const fields = new HistogramFields()
  while (cursor.position < end) decodeField(cursor, end, fields)
  cursor.expectEnd(end)
  const { timestampMs, startMs, schema, count, sum, zeroThreshold, zeroCount, customBounds, resetHint, stale } = fields
  const common = {
    timestampMs,
    createdMs: startMs === 0 ? Number.NaN : startMs,
    schema,
    count,
    sum,
    zeroThreshold,
    zeroCount,
    customBounds,
    gauge: resetHint === RESET_HINT_GAUGE,
    reset: resetHint === RESET_HINT_YES,
    stale,
  }
  if (stale) return { ...common, positive: NO_BUCKETS, negative: NO_BUCKETS }
  const positive = bucketsOf(fields.positive)
  const negative = bucketsOf(fields.negative)
  if (typeof positive === 'string') return { unusable: positive }
  if (typeof negative === 'string') return { unusable: negative }
  const histogram = { ...common, positive, negative }
  const problem = schema === CUSTOM_BUCKETS ? checkCustom(histogram) : checkExponential(histogram)
  const miscounted = problem ?? checkCounts(histogram, fields.integer)
  return miscounted === undefined ? histogram : { unusable: miscounted }
}

function decodeField(cursor: ProtobufReader, end: number, fields: HistogramFields): void {
  const tag = cursor.varint()
  switch (tag) {
    case COUNT_INT:
      fields.count = cursor.int64()
      break
    case COUNT_FLOAT:
      fields.count = cursor.double(end)
      fields.integer = false
      break
    case SUM:
      fields.sum = cursor.double(end)
      fields.stale = isStaleMarker(cursor, fields.sum)
      break
    case SCHEMA:
      fields.schema = zigzag(cursor.int64())
      break
    case ZERO_THRESHOLD:
      fields.zeroThreshold = cursor.double(end)
      break
    case ZERO_COUNT_INT:
      fields.zeroCount = cursor.int64()
      break
    case ZERO_COUNT_FLOAT:
      fields.zeroCount = cursor.double(end)
      break
    case RESET_HINT:
      fields.resetHint = cursor.int64()
      break
    case TIMESTAMP:
      fields.timestampMs = cursor.int64()
      break
    case START_TIMESTAMP:
      fields.startMs = cursor.int64()
      break
    default:
      if (!decodeRepeated(tag, cursor, end, fields)) cursor.skip(tag, end)
  }
}

/** Reads a repeated field of numbers, packed or not. Returns false if the tag is unknown. */
function decodeRepeated(tag: number, cursor: ProtobufReader, end: number, fields: HistogramFields): boolean {
  const { positive, negative, customBounds } = fields
  if (tag === POSITIVE_SPANS) decodeSpan(cursor, cursor.messageEnd(end), positive)
  else if (tag === NEGATIVE_SPANS) decodeSpan(cursor, cursor.messageEnd(end), negative)
  else if (isField(tag, POSITIVE_DELTAS)) readNumbers(tag, cursor, end, positive.deltas)
  else if (isField(tag, NEGATIVE_DELTAS)) readNumbers(tag, cursor, end, negative.deltas)
  else if (isField(tag, POSITIVE_COUNTS)) readNumbers(tag, cursor, end, positive.counts)
  else if (isField(tag, NEGATIVE_COUNTS)) readNumbers(tag, cursor, end, negative.counts)
  else if (isField(tag, CUSTOM_VALUES)) readNumbers(tag, cursor, end, customBounds)
  else return false
  return true
}

const PACKED = 2

/** Whether a tag is that of a repeated field of numbers, packed or not. */
function isField(tag: number, unpackedTag: number): boolean {
  return tag === unpackedTag || tag === ((unpackedTag & ~7) | PACKED)
}

/** Reads float64s, or varints in zigzag form, depending on the field. */
function readNumbers(tag: number, cursor: ProtobufReader, end: number, numbers: number[]): void {
  const isPacked = (tag & 7) === PACKED
  const field = tag >>> 3
  const isDouble = field === NEGATIVE_COUNTS >>> 3 || field === POSITIVE_COUNTS >>> 3 || field === CUSTOM_VALUES >>> 3
  const fieldEnd = isPacked ? cursor.messageEnd(end) : end
  do {
    if (isPacked && cursor.position >= fieldEnd) break
    numbers.push(isDouble ? cursor.double(fieldEnd) : zigzag(cursor.int64()))
  } while (isPacked)
  if (isPacked) cursor.expectEnd(fieldEnd)
}

function decodeSpan(cursor: ProtobufReader, end: number, { offsets, lengths }: BucketFields): void {
  let offset = 0
  let length = 0
  while (cursor.position < end) {
    const tag = cursor.varint()
    if (tag === SPAN_OFFSET) offset = zigzag(cursor.int64())
    else if (tag === SPAN_LENGTH) length = cursor.int64()
    else cursor.skip(tag, end)
  }
  cursor.expectEnd(end)
  offsets.push(offset)
  lengths.push(length)
}

/** Numbers beyond 2^53 lose precision. */
function zigzag(value: number): number {
  const unsigned = value < 0 ? value + 2 ** 64 : value
  return unsigned % 2 === 0 ? unsigned / 2 : -(unsigned + 1) / 2
}

function bucketsOf({ offsets, lengths, deltas, counts: absolute }: BucketFields): NativeBuckets | string {
  const given = absolute.length > 0 ? absolute.length : deltas.length
  const spanned = lengths.reduce((sum, length) => sum + length, 0)
  if (spanned !== given)
    return `its spans have ${spanned} ${plural(spanned, 'bucket')}, but there ${plural(given, 'is', 'are')} ${given}`
  if (given > MAX_BUCKETS) return `it has ${given} buckets; at most ${MAX_BUCKETS} are allowed`
  if (given === 0) return NO_BUCKETS
  const indexes: number[] = []
  const counts: number[] = []
  let index = 0
  let running = 0
  for (const [span, offset] of offsets.entries()) {
    if (span > 0 && offset < 0)
      return `a span starts ${-offset} ${plural(-offset, 'bucket')} before the end of the previous one`
    index += offset
    for (let left = lengths[span] ?? 0; left > 0; left--) {
      const at = counts.length
      running = absolute.length > 0 ? (absolute[at] ?? 0) : running + (deltas[at] ?? 0)
      if (!(running >= 0)) return `a bucket has ${running} observations`
      indexes.push(index)
      counts.push(running)
      index += 1
    }
  }
  return { indexes, counts }
}

function checkExponential({ schema, zeroCount, zeroThreshold, positive, negative }: NativeHistogram) {
  if (schema < -4 || schema > 8) return `its schema is ${schema}; from -4 to 8 and ${CUSTOM_BUCKETS} are allowed`
  if (!(zeroThreshold >= 0 && Number.isFinite(zeroThreshold))) return `its zero threshold is ${zeroThreshold}`
  const extremes = [positive, negative].flatMap(({ indexes }) => [indexes[0] ?? 0, indexes.at(-1) ?? 0])
  const beyond = extremes.find((index) => Math.abs(index) > MAX_INDEX)
  if (beyond !== undefined) return `its bucket ${beyond} is beyond the range of float64`
  return zeroCount >= 0 ? undefined : `its zero bucket has ${zeroCount} observations`
}

function checkCustom({ customBounds, zeroCount, negative, positive }: NativeHistogram): string | undefined {
  if (zeroCount !== 0 || negative.counts.length > 0)
    return 'it has custom buckets together with negative ones or a zero bucket'
  for (const [index, bound] of customBounds.entries()) {
    if (!Number.isFinite(bound)) return `one of its bounds is ${bound}`
    const before = customBounds[index - 1]
    if (before !== undefined && !(before < bound)) return `its bound ${bound} follows ${before}`
  }
  const first = positive.indexes[0] ?? 0
  const last = positive.indexes.at(-1) ?? 0
  if (first >= 0 && last <= customBounds.length) return undefined
  return `it has a bucket ${first < 0 ? first : last}, but ${customBounds.length} bounds`
}

function checkCounts({ count, sum, zeroCount, positive, negative }: NativeHistogram, integer: boolean) {
  if (!(count >= 0)) return `its count is ${count}`
  if (!integer) return undefined
  let counted = zeroCount
  for (const bucket of positive.counts) counted += bucket
  for (const bucket of negative.counts) counted += bucket
  // NaN observations are in no bucket.
  const isRight = Number.isNaN(sum) ? counted <= count : counted === count
  return isRight ? undefined : `its buckets have ${counted} observations, but its count is ${count}`
}
