const SLAB_BYTES = 256 * 1024

/** A block of memory with many pages of one size, as arrays of several number types. */
export interface Slab {
  readonly pageBytes: number
  readonly doubles: Float64Array
  readonly words: Uint32Array
  readonly shorts: Uint16Array
  readonly integers: BigInt64Array
  readonly free: number[]
  used: number
}

/** A page at `byteOffset`, a multiple of 8. Its content is undefined. */
export interface Page {
  readonly slab: Slab
  readonly byteOffset: number
}

/**
 * Memory for points in a few large slabs: small buffers would double the memory by their overhead, and fragment it. A
 * slab is freed once none of its pages is in use.
 */
export class PagePool {
  readonly #withRoom = new Map<number, Set<Slab>>()

  /** Allocates a page whose size must be a multiple of 8. */
  take(pageBytes: number): Page {
    const slab = this.#slabWithRoom(pageBytes)
    const byteOffset = slab.free.pop()
    if (byteOffset === undefined) throw new TypeError('a slab without room')
    slab.used++
    if (slab.free.length === 0) this.#withRoom.get(pageBytes)?.delete(slab)
    return { slab, byteOffset }
  }

  /** Frees a page, which must no longer be used. */
  release({ slab, byteOffset }: Page): void {
    slab.free.push(byteOffset)
    slab.used--
    const slabs = this.#withRoom.get(slab.pageBytes)
    if (slab.used === 0 && slabs && slabs.size > 1) slabs.delete(slab)
    else slabs?.add(slab)
  }

  #slabWithRoom(pageBytes: number): Slab {
    let slabs = this.#withRoom.get(pageBytes)
    if (!slabs) {
      slabs = new Set()
      this.#withRoom.set(pageBytes, slabs)
    }
    for (const slab of slabs) return slab
    const slab = newSlab(pageBytes)
    slabs.add(slab)
    return slab
  }
}

function newSlab(pageBytes: number): Slab {
  const pages = Math.max(1, Math.floor(SLAB_BYTES / pageBytes))
  const buffer = new ArrayBuffer(pages * pageBytes)
  return {
    pageBytes,
    doubles: new Float64Array(buffer),
    words: new Uint32Array(buffer),
    shorts: new Uint16Array(buffer),
    integers: new BigInt64Array(buffer),
    free: Array.from({ length: pages }, (_, index) => (pages - 1 - index) * pageBytes),
    used: 0,
  }
}
