import { createHash } from 'node:crypto'

/**
 * Generates numbers as Cloud Monitoring assigns them to policies, channels and so on. They depend only on the order of
 * calls, so that a test sees the same names each time.
 */
export class ResourceIds {
  readonly #kind: string
  #count = 0

  constructor(kind: string) {
    this.#kind = kind
  }

  /** A number of up to 19 digits that was not generated before. */
  next(): string {
    const digest = createHash('sha256')
      .update(`${this.#kind} ${++this.#count}`)
      .digest()
    return (digest.readBigUInt64BE() >> 1n).toString()
  }

  /** Starts over. */
  clear(): void {
    this.#count = 0
  }
}
