import { ProtobufWriter } from '../protobuf/protobuf-writer.ts'

/** Larger buffers, such as those of distributions with exemplars, are left to the garbage collector. */
const MAX_KEPT_BYTES = 256 * 1024
const MAX_KEPT_WRITERS = 16
/** Buffers differ by whole steps, so that one fits the next request, too. */
const STEP_BYTES = 16 * 1024

/**
 * Writers whose requests were answered, for the next ones. Each request would otherwise be new memory outside of V8's
 * heap, whose growth makes V8 collect the whole heap.
 */
export class RequestWriters {
  readonly #unused: ProtobufWriter[] = []

  /** An empty writer with room for a number of bytes. */
  take(bytes: number): ProtobufWriter {
    const writer = this.#unused.pop()
    if (writer === undefined || writer.bytes.length < bytes)
      return new ProtobufWriter(Math.ceil(bytes / STEP_BYTES) * STEP_BYTES)
    writer.length = 0
    return writer
  }

  /** Call it once nothing reads the bytes of the writer any more: the next request overwrites them. */
  giveBack(writer: ProtobufWriter): void {
    if (this.#unused.length < MAX_KEPT_WRITERS && writer.bytes.length <= MAX_KEPT_BYTES) this.#unused.push(writer)
  }
}
