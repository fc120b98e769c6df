/**
 * Assigns every arrival number of the fleet to exactly one worker.
 *
 * Weights become small integers, and a cycle of as many slots as their sum is dealt out by smooth weighted round-robin,
 * so that a worker's arrivals are spread over the cycle. With n equal weights worker i gets arrivals i, i + n, i + 2n, …:
 * the workers are offset by 1/n of their interval, and the fleet's arrivals are evenly spaced.
 */
export class SlotCycle {
  /** Index of each slot's worker. */
  readonly owners: readonly number[]

  /** @throws RangeError if there are no weights, or one is not a finite number above 0. */
  constructor(weights: readonly number[]) {
    const whole = wholeWeights(weights)
    const total = whole.reduce((sum, weight) => sum + weight, 0)
    const credit = whole.map(() => 0)
    const owners: number[] = []
    for (let slot = 0; slot < total; slot++) {
      let best = 0
      for (const [index, weight] of whole.entries()) {
        credit[index] = (credit[index] ?? 0) + weight
        if ((credit[index] ?? 0) > (credit[best] ?? 0)) best = index
      }
      credit[best] = (credit[best] ?? 0) - total
      owners.push(best)
    }
    this.owners = owners
  }

  /** The first arrival number at or after `from` that belongs to the worker. */
  next(worker: number, from: number): number {
    const length = this.owners.length
    const start = from % length
    for (let step = 0; step < length; step++) {
      if (this.owners[(start + step) % length] === worker) return from + step
    }
    return Number.POSITIVE_INFINITY
  }
}

const MAX_CYCLE_LENGTH = 1000

/** Weights as small integers in (nearly) the same proportions, each at least 1. */
export function wholeWeights(weights: readonly number[]): number[] {
  if (weights.length === 0) throw new RangeError('at least one worker is needed')
  for (const weight of weights) {
    if (!Number.isFinite(weight) || weight <= 0)
      throw new RangeError(`a weight must be a finite number above 0, not ${weight}`)
  }
  const smallest = Math.min(...weights)
  const relative = weights.map((weight) => weight / smallest)
  const sum = relative.reduce((total, weight) => total + weight, 0)
  // The smallest weight gets up to 20 steps; fewer if the cycle would get too long.
  const steps = Math.max(1, Math.min(20, Math.floor(MAX_CYCLE_LENGTH / sum)))
  const whole = relative.map((weight) => Math.max(1, Math.round(weight * steps)))
  const divisor = whole.reduce(greatestCommonDivisor)
  return whole.map((weight) => weight / divisor)
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
