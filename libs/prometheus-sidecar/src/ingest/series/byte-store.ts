const SLAB_BYTES = 16 * 1024

/**
 * Stores many short, long-lived byte strings. Separate buffers would take more memory than their content, and Node's
 * pooled buffers would keep alive whatever shares their pool.
 */
export class ByteStore {
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
  #used = 0

  /** Returns a copy of `bytes[start, end)`, which must not be changed. */
  keep(bytes: Uint8Array, start = 0, end = bytes.length): Buffer {
    const length = end - start
    if (length > SLAB_BYTES / 8) {
      const own = Buffer.allocUnsafeSlow(length)
      own.set(bytes.subarray(start, end))
      return own
    }
    if (this.#used + length > SLAB_BYTES) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
      this.#used = 0
    }
    const kept = this.#slab.subarray(this.#used, this.#used + length)
    kept.set(bytes.subarray(start, end))
    this.#used += length
    return kept
  }
}
