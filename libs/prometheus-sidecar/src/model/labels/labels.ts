import { ProtobufReader, WireFormatError } from '../../protobuf/protobuf-reader.ts'
import { ProtobufWriter, varintLength } from '../../protobuf/protobuf-writer.ts'

/** A label set: names to values. Empty values are omitted, since to Prometheus an empty label is an absent one. */
export type Labels = ReadonlyMap<string, string>

/** The label that holds the metric name of a series. */
export const METRIC_NAME = '__name__'

/** A label set without the pairs of another: a label with a different value remains. */
export function withoutLabels(labels: Labels, others: Labels): Labels {
  if (others.size === 0) return labels
  const left = new Map(labels)
  for (const [name, value] of others) if (left.get(name) === value) left.delete(name)
  return left
}

/** Whether two label sets are equal. */
export function sameLabels(a: Labels, b: Labels): boolean {
  if (a.size !== b.size) return false
  for (const [name, value] of a) if (b.get(name) !== value) return false
  return true
}

/** Tags of a label in the form of {@link encodeLabels}, of its name and of its value. */
export const LABEL_FIELD = 0x0a
export const NAME_FIELD = 0x0a
export const VALUE_FIELD = 0x12

/** Reused for each series: a buffer for each of them would be a lot of garbage at startup. */
const labelsWriter = new ProtobufWriter(1024)

/**
 * Encodes a label set as the `labels` fields of a remote_write `TimeSeries` (protobuf field 1, repeated, sorted by
 * name): exactly the bytes that Prometheus sends, by which series are looked up.
 */
export function encodeLabels(labels: Labels): Buffer {
  const pairs = [...labels]
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const)
    .sort(([a], [b]) => Buffer.compare(a, b))
  labelsWriter.length = 0
  for (const [name, value] of pairs) {
    labelsWriter.byte(LABEL_FIELD)
    labelsWriter.varint(1 + varintLength(name.length) + name.length + 1 + varintLength(value.length) + value.length)
    labelsWriter.field(NAME_FIELD, name)
    labelsWriter.field(VALUE_FIELD, value)
  }
  return labelsWriter.take()
}

/**
 * Decodes the `labels` fields (see {@link encodeLabels}) in `bytes[start, end)`. Empty values are omitted. Throws a
 * {@link WireFormatError} if the bytes are not such fields, are not UTF-8, or repeat a label.
 */
export function decodeLabels(bytes: Uint8Array, start = 0, end = bytes.length): Map<string, string> {
  const labels = new Map<string, string>()
  const reader = new ProtobufReader(asBuffer(bytes))
  reader.position = start
  while (reader.position < end) {
    if (reader.varint() !== LABEL_FIELD) throw new WireFormatError('a field is not a label')
    const labelEnd = reader.messageEnd(end)
    let name = ''
    let value = ''
    while (reader.position < labelEnd) {
      const field = reader.varint()
      const text = reader.strictText(labelEnd)
      if (field === NAME_FIELD) name = text
      else if (field === VALUE_FIELD) value = text
      else throw new WireFormatError(`a label has the unknown field ${field}`)
    }
    if (name === '') throw new WireFormatError('a label has no name')
    if (labels.has(name)) throw new WireFormatError(`the label ${name} appears twice`)
    if (value !== '') labels.set(name, value)
  }
  return labels
}

/** The encoded labels in `bytes[start, end)` as a string, for maps. */
export function labelsKey(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return asBuffer(bytes).toString('latin1', start, end)
}

/** A view of the same bytes. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
