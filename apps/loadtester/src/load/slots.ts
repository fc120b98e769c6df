/**
 * Who takes which arrival: every arrival number of the fleet belongs to exactly one worker.
 *
 * Weights become small whole numbers, and one cycle of as many slots as they sum up to is dealt out by smooth weighted
 * round-robin, so that a worker's arrivals are spread over the cycle. With equal weights worker i takes the arrivals
 * i, i + n, i + 2n, …: the phases of n workers are offset by 1/n of their interval, and the fleet's arrivals are even.
 */
export class SlotCycle {
  /** Index of the worker that owns each slot. */
  readonly owners: readonly number[]

  /** @throws RangeError unless there is at least one weight and each is a finite number above 0. */
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

  /** The first arrival number, `from` or later, that belongs to the worker. */
  next(worker: number, from: number): number {
    const length = this.owners.length
    const start = from % length
    for (let step = 0; step < length; step++) {
      if (this.owners[(start + step) % length] === worker) return from + step
    }
    return Number.POSITIVE_INFINITY
  }
}

const maximumCycleLength = 1000

/** Weights as small whole numbers in (nearly) the same proportions, each at least 1. */
export function wholeWeights(weights: readonly number[]): number[] {
  if (weights.length === 0) throw new RangeError('at least one worker is needed to share a load')
  for (const weight of weights) {
    if (!Number.isFinite(weight) || weight <= 0)
      throw new RangeError(`a weight must be a finite number above 0, not ${weight}`)
  }
  const smallest = Math.min(...weights)
  const relative = weights.map((weight) => weight / smallest)
  const sum = relative.reduce((total, weight) => total + weight, 0)
  // Up to 20 steps for the smallest weight, fewer where the cycle would get long.
  const steps = Math.max(1, Math.min(20, Math.floor(maximumCycleLength / sum)))
  const whole = relative.map((weight) => Math.max(1, Math.round(weight * steps)))
  const divisor = whole.reduce(greatestCommonDivisor)
  return whole.map((weight) => weight / divisor)
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
