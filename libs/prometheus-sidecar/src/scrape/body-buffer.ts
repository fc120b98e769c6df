/** Larger buffers are left to the garbage collector. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024
const FIRST_BYTES = 64 * 1024

/** Collects the chunks of a response in memory that the next response reuses. */
export class BodyBuffer {
  #buffer = Buffer.allocUnsafe(0)
  length = 0

  append(chunk: Uint8Array): void {
    const length = this.length + chunk.length
    if (length > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, length, this.#buffer.length * 2))
      this.#buffer.copy(grown, 0, 0, this.length)
      this.#buffer = grown
    }
    this.#buffer.set(chunk, this.length)
    this.length = length
  }

  /** What was appended; overwritten after {@link clear}. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length)
  }

  /** Empties it; returns whether it is small enough to be kept. */
  clear(): boolean {
    this.length = 0
    return this.#buffer.length <= MAX_KEPT_BYTES
  }
}
