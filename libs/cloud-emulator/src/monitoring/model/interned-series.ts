import protobuf from 'protobufjs'
import { registry } from '../../protos/registry.ts'

/** The size of each of the two generations per type. */
const MAX_YOUNG = 12_000
const MAX_BYTES = 4096

let isInterning = false
const interned = new WeakSet<object>()

/** A cache of messages by their bytes; the least recently used ones are evicted. */
class Generations {
  #young = new Map<string, protobuf.Message>()
  #old = new Map<string, protobuf.Message>()

  get(bytes: string): protobuf.Message | undefined {
    const young = this.#young.get(bytes)
    if (young) return young
    const old = this.#old.get(bytes)
    if (old) this.set(bytes, old)
    return old
  }

  set(bytes: string, message: protobuf.Message): void {
    if (this.#young.size >= MAX_YOUNG) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(bytes, message)
  }
}

/**
 * Decodes a request that writes series. Writers repeat the same metrics and resources over and over: those with the
 * same bytes are decoded once into the same frozen object, so that results about it can be cached.
 */
export function decodeInterned<T>(decode: () => T): T {
  isInterning = true
  try {
    return decode()
  } finally {
    isInterning = false
  }
}

/** Whether a metric or resource is an interned object. */
export function isInterned(message: object): boolean {
  return interned.has(message)
}

for (const name of ['google.api.Metric', 'google.api.MonitoredResource']) intern(registry.lookupType(name))

function intern(type: protobuf.Type): void {
  type.setup()
  const decode = type.decode.bind(type)
  const known = new Generations()
  // The generated decoders of other types call this method.
  type.decode = (reader, length, end, depth) => {
    const bytes = isInterning ? textOf(reader, length) : undefined
    if (bytes === undefined || length === undefined || !(reader instanceof protobuf.Reader))
      return decode(reader, length, end, depth)
    const found = known.get(bytes)
    if (found) {
      reader.pos += length
      return found
    }
    const message = frozen(decode(reader, length, end, depth))
    interned.add(message)
    known.set(bytes, message)
    return message
  }
}

/** The next bytes of a reader as characters; undefined if there are not that many, or too many to cache. */
function textOf(reader: protobuf.Reader | Uint8Array, length: number | undefined): string | undefined {
  if (length === undefined || length > MAX_BYTES || !(reader instanceof protobuf.Reader)) return undefined
  const { buf, pos } = reader
  return Buffer.isBuffer(buf) && pos + length <= reader.len ? buf.toString('latin1', pos, pos + length) : undefined
}

function frozen(message: protobuf.Message): protobuf.Message {
  for (const value of Object.values(message)) if (typeof value === 'object' && value !== null) Object.freeze(value)
  return Object.freeze(message)
}
