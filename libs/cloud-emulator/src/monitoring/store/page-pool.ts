const SLAB_BYTES = 256 * 1024

/** A piece of memory that holds many pages of one size, seen as numbers of several kinds. */
export interface Slab {
  readonly pageBytes: number
  readonly doubles: Float64Array
  readonly words: Uint32Array
  readonly shorts: Uint16Array
  readonly integers: BigInt64Array
  readonly free: number[]
  used: number
}

/** A page: so many bytes from `byteOffset` on, a multiple of 8. Its content is what was left there. */
export interface Page {
  readonly slab: Slab
  readonly byteOffset: number
}

/**
 * Memory for points, in few large pieces instead of many small ones: small buffers cost as much again in bookkeeping, and
 * fragment the process's memory as they come and go. A piece goes back to the system once none of its pages is in use.
 */
export class PagePool {
  readonly #withRoom = new Map<number, Set<Slab>>()

  /** A page of this size, which must be a multiple of 8. */
  take(pageBytes: number): Page {
    const slab = this.#slabWithRoom(pageBytes)
    const byteOffset = slab.free.pop()
    if (byteOffset === undefined) throw new TypeError('a slab without room')
    slab.used++
    if (slab.free.length === 0) this.#withRoom.get(pageBytes)?.delete(slab)
    return { slab, byteOffset }
  }

  /** Takes a page back; it must not be used any more. */
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
