/** A label set: label names to values. Names are unique; empty values are not kept (Prometheus: an empty label is an absent one). */
export type Labels = ReadonlyMap<string, string>

/** The label that holds a series' metric name. */
export const METRIC_NAME = '__name__'

/** A label set without the pairs of another: a label with a different value stays. */
export function withoutLabels(labels: Labels, others: Labels): Labels {
  if (others.size === 0) return labels
  const left = new Map(labels)
  for (const [name, value] of others) if (left.get(name) === value) left.delete(name)
  return left
}

const LABEL_FIELD = 0x0a
const NAME_FIELD = 0x0a
const VALUE_FIELD = 0x12

/**
 * Encodes a label set as the `labels` fields of a remote_write `TimeSeries` (protobuf field 1, repeated, sorted by name):
 * the very bytes that Prometheus sends, and the key by which a series is looked up.
 */
export function encodeLabels(labels: Labels): Buffer {
  const pairs = [...labels]
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const)
    .sort(([a], [b]) => Buffer.compare(a, b))
  const bytes: number[] = []
  const chunks: Uint8Array[] = []
  const flush = () => {
    chunks.push(Uint8Array.from(bytes))
    bytes.length = 0
  }
  for (const [name, value] of pairs) {
    const length = 1 + varintLength(name.length) + name.length + 1 + varintLength(value.length) + value.length
    bytes.push(LABEL_FIELD)
    pushVarint(bytes, length)
    bytes.push(NAME_FIELD)
    pushVarint(bytes, name.length)
    flush()
    chunks.push(name)
    bytes.push(VALUE_FIELD)
    pushVarint(bytes, value.length)
    flush()
    chunks.push(value)
  }
  return Buffer.concat(chunks)
}

/**
 * Decodes `labels` fields (see {@link encodeLabels}) in `bytes[start, end)`. Empty values are left out.
 * Throws a RangeError if the bytes are not a run of such fields, or name a label twice.
 */
export function decodeLabels(bytes: Uint8Array, start = 0, end = bytes.length): Map<string, string> {
  const labels = new Map<string, string>()
  const cursor = { bytes, position: start, end }
  while (cursor.position < end) {
    if (readVarint(cursor) !== LABEL_FIELD) throw new RangeError('not a label field')
    const labelEnd = readVarint(cursor) + cursor.position
    if (labelEnd > end) throw new RangeError('label is cut off')
    let name = ''
    let value = ''
    while (cursor.position < labelEnd) {
      const field = readVarint(cursor)
      const length = readVarint(cursor)
      const text = readText(cursor, length, labelEnd)
      if (field === NAME_FIELD) name = text
      else if (field === VALUE_FIELD) value = text
      else throw new RangeError(`unknown field ${field} in a label`)
    }
    if (labels.has(name)) throw new RangeError(`label ${name} is there twice`)
    if (value !== '') labels.set(name, value)
  }
  return labels
}

interface Cursor {
  readonly bytes: Uint8Array
  position: number
  readonly end: number
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readText(cursor: Cursor, length: number, end: number): string {
  if (cursor.position + length > end) throw new RangeError('label text is cut off')
  const bytes = cursor.bytes.subarray(cursor.position, cursor.position + length)
  cursor.position += length
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new RangeError('label text is not UTF-8', { cause })
  }
}

function readVarint(cursor: Cursor): number {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = cursor.bytes[cursor.position]
    if (byte === undefined || cursor.position >= cursor.end) throw new RangeError('varint is cut off')
    cursor.position += 1
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return value
  }
  throw new RangeError('varint is too long')
}

function varintLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
}
