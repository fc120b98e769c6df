/**
 * The points of a Poisson process of rate 1 in `[cell, cell + 1)`, in ascending order. They depend on the seed and the
 * cell alone, and are independent from cell to cell. On average there is one.
 *
 * @param cell a whole number of at least 0.
 */
export function poissonPoints(seed: number, cell: number): number[] {
  const random = randomNumbers(seed, cell)
  const points: number[] = []
  for (let offset = exponential(random); offset < 1; offset += exponential(random)) points.push(cell + offset)
  return points
}

/** A 32-bit seed from a string such as a run's id, by FNV-1a. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

/** The distance to the next point: exponentially distributed with mean 1. */
function exponential(random: () => number): number {
  return -Math.log(1 - random())
}

/** Mulberry32, started from a state that the seed and the cell determine. */
function randomNumbers(seed: number, cell: number): () => number {
  let state = scramble(scramble(seed ^ Math.floor(cell / 2 ** 32)) ^ ((cell % 2 ** 32) | 0))
  return () => {
    state = (state + 0x6d2b79f5) | 0
    return scrambleOnce(state) / 2 ** 32
  }
}

function scramble(value: number): number {
  return scrambleOnce((value + 0x9e3779b9) | 0)
}

function scrambleOnce(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 15), value | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return (mixed ^ (mixed >>> 14)) >>> 0
}
