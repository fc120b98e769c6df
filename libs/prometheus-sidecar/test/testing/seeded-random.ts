/** Pseudo-random numbers that are the same for the same seed. */
export interface SeededRandom {
  readonly seed: number
  /** In [0, 1). */
  next(): number
  /** A whole number in [0, end). */
  below(end: number): number
  bytes(length: number): Buffer
  pick<Item>(items: readonly Item[]): Item
  /** The items in random order. */
  shuffled<Item>(items: readonly Item[]): Item[]
}

/** Creates a generator (mulberry32) from a seed of 32 bits. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  return {
    seed,
    next,
    below,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    shuffled: (items) => {
      const rest = [...items]
      return Array.from({ length: rest.length }, () => rest.splice(below(rest.length), 1)).flat()
    },
  }
}

/** The seed in `SEED`, or a new one. Tests print it, so that a failure can be repeated. */
export function seedFromEnvironment(): number {
  const given = process.env.SEED
  return given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given)
}
