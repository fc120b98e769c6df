import { encodeLabels } from '../../src/model/labels/labels.ts'
import { ProtobufWriter } from '../../src/protobuf/protobuf-writer.ts'

export const BOUNDS = [
  '0.005',
  '0.01',
  '0.025',
  '0.05',
  '0.075',
  '0.1',
  '0.25',
  '0.5',
  '0.75',
  '1.0',
  '2.5',
  '5.0',
  '7.5',
  '10.0',
  '+Inf',
]

const TIME_BYTES = 6
/** A sample's message: a double and a time of {@link TIME_BYTES}. */
const SAMPLE_BYTES = 9 + 1 + TIME_BYTES
const COUNTER = 1
const GAUGE = 2
const HISTOGRAM = 3

/** A remote_write request whose times and values are overwritten for each round. */
export class RequestTemplate {
  readonly #bytes: Buffer
  readonly #values: number[] = []
  readonly #times: number[] = []
  readonly #kinds: ('gauge' | 'counter' | number)[] = []

  constructor(all: readonly ReadonlyMap<string, string>[], version: 1 | 2) {
    const symbols = new Map([['', 0]])
    const refOf = (text: string) => {
      const ref = symbols.get(text) ?? symbols.size
      symbols.set(text, ref)
      return ref
    }
    const series = all.map((labels) => {
      const name = labels.get('__name__') ?? ''
      const kind = name.startsWith('nodejs')
        ? 'gauge'
        : labels.has('le')
          ? BOUNDS.indexOf(labels.get('le') ?? '') + 1
          : 'counter'
      this.#kinds.push(kind)
      const type = kind === 'gauge' ? GAUGE : name.includes('duration') ? HISTOGRAM : COUNTER
      return version === 1
        ? { before: encodeLabels(labels), after: Buffer.alloc(0) }
        : { before: encodeRefs(labels, refOf), after: Buffer.from([0x2a, 2, 0x08, type]) }
    })
    const writer = new ProtobufWriter(1024 * 1024)
    if (version === 2) for (const text of symbols.keys()) writer.text(0x22, text)
    for (const { before, after } of series) {
      writer.byte(version === 1 ? 0x0a : 0x2a)
      writer.varint(before.length + 2 + SAMPLE_BYTES + after.length)
      writer.append(before)
      writer.byte(0x12)
      writer.varint(SAMPLE_BYTES)
      writer.byte(0x09)
      this.#values.push(writer.length)
      writer.double(0)
      writer.byte(0x10)
      this.#times.push(writer.length)
      for (let offset = 0; offset < TIME_BYTES; offset++) writer.byte(0)
      writer.append(after)
    }
    this.#bytes = writer.take()
  }

  get samples(): number {
    return this.#values.length
  }

  /** The request of a round; the same buffer each time. */
  fill(timestampMs: number, round: number): Buffer {
    for (const [index, at] of this.#values.entries()) {
      const kind = this.#kinds[index]
      const value =
        kind === 'gauge' ? Math.sin(round + index) : kind === 'counter' ? round * BOUNDS.length : round * Number(kind)
      this.#bytes.writeDoubleLE(value, at)
      let rest = timestampMs
      const time = this.#times[index] ?? 0
      for (let offset = 0; offset < TIME_BYTES; offset++) {
        this.#bytes[time + offset] = (rest % 0x80) | (offset < TIME_BYTES - 1 ? 0x80 : 0)
        rest = Math.floor(rest / 0x80)
      }
    }
    return this.#bytes
  }
}

/** The `labels_refs` of a series in 2.0, by name. */
function encodeRefs(labels: ReadonlyMap<string, string>, refOf: (text: string) => number): Buffer {
  const refs = new ProtobufWriter(64)
  for (const [name, value] of [...labels].sort(([a], [b]) => (a < b ? -1 : 1))) {
    refs.varint(refOf(name))
    refs.varint(refOf(value))
  }
  const field = new ProtobufWriter(64)
  field.field(0x0a, refs.take())
  return field.take()
}
