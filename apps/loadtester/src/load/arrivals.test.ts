import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ArrivalSequence } from './arrivals.ts'
import { LoadProfile } from './profile.ts'
import { SlotCycle, wholeWeights } from './slots.ts'

interface Begun {
  readonly number: number
  readonly dueSeconds: number
}

function drain(sequence: ArrivalSequence, untilSeconds = Number.POSITIVE_INFINITY): Begun[] {
  const begun: Begun[] = []
  for (
    let arrival = sequence.peek();
    arrival !== undefined && arrival.dueSeconds < untilSeconds;
    arrival = sequence.peek()
  ) {
    begun.push(arrival)
    sequence.advance()
  }
  return begun
}

function flat(level: number, durationSeconds: number): LoadProfile {
  return new LoadProfile([{ durationSeconds, from: level, to: level }])
}

describe('ArrivalSequence', () => {
  for (const [rate, seconds, count] of [
    [10, 1, 10],
    [0.5, 4, 2],
    [1 / 3, 30, 10],
    [7.3, 10, 73],
    [12_000, 1, 12_000],
    [0, 10, 0],
  ] as const) {
    it(`starts ${count} virtual users at ${rate} a second in ${seconds} s`, () => {
      assert.equal(drain(new ArrivalSequence(flat(rate, seconds), { weights: [1], worker: 0 })).length, count)
    })
  }

  it('starts as many in a ramp as its area, the first immediately', () => {
    const ramp = new LoadProfile([{ durationSeconds: 10, from: 0, to: 20 }])
    const begun = drain(new ArrivalSequence(ramp, { weights: [1], worker: 0 }))
    assert.equal(begun.length, 100)
    assert.equal(begun[0]?.dueSeconds, 0)
  })

  it('is evenly spaced over a fleet of equal workers: n workers are offset by 1/n of their interval', () => {
    const all = [0, 1, 2].flatMap((worker) => drain(new ArrivalSequence(flat(6, 10), { weights: [2, 2, 2], worker })))
    const due = all.map(({ dueSeconds }) => dueSeconds).sort((a, b) => a - b)
    assert.equal(due.length, 60)
    for (const [index, seconds] of due.entries()) assert.ok(Math.abs(seconds - index / 6) < 1e-9)
  })

  it('assigns every arrival to exactly one worker, whatever the weights and however often load and fleet change', () => {
    const seed = Date.now() % 100_000
    let state = seed
    const random = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
      return state / 2_147_483_648
    }
    for (let round = 0; round < 50; round++) {
      const taken: number[] = []
      let position = 0
      for (let epoch = 0; epoch < 5; epoch++) {
        const weights = Array.from({ length: 1 + Math.floor(random() * 5) }, () => 0.1 + random() * 4)
        const seconds = random() * 3
        const profile = new LoadProfile(
          [{ durationSeconds: Number.POSITIVE_INFINITY, from: 40 * random(), to: 0 }].map((segment) => ({
            ...segment,
            to: segment.from,
          })),
        )
        for (let worker = 0; worker < weights.length; worker++) {
          taken.push(
            ...drain(new ArrivalSequence(profile, { weights, worker }, position), seconds).map(({ number }) => number),
          )
        }
        position += profile.areaAt(seconds)
      }
      taken.sort((a, b) => a - b)
      assert.deepEqual(
        taken,
        Array.from({ length: Math.ceil(position - 1e-6) }, (_, index) => index),
        `seed ${seed}, round ${round}`,
      )
    }
  })

  it('shares arrivals by weight', () => {
    const share = (worker: number): number =>
      drain(new ArrivalSequence(flat(400, 1), { weights: [1, 3], worker })).length
    assert.deepEqual([share(0), share(1)], [100, 300])
  })

  it('assigns nothing to a worker that is not in the fleet', () => {
    assert.equal(new ArrivalSequence(flat(10, 1), { weights: [1], worker: -1 }).peek(), undefined)
  })

  it('skips what was due before a time', () => {
    const sequence = new ArrivalSequence(flat(10, 10), { weights: [1], worker: 0 })
    sequence.skipUntil(2.05)
    assert.equal(sequence.peek()?.number, 21)
  })
})

describe('SlotCycle', () => {
  it('spreads the slots of a heavy worker', () => {
    assert.deepEqual(new SlotCycle([2, 1]).owners, [0, 1, 0])
  })

  for (const [weights, whole] of [
    [
      [1, 1, 1],
      [1, 1, 1],
    ],
    [
      [0.5, 0.25],
      [2, 1],
    ],
    [
      [2, 3],
      [2, 3],
    ],
    [Array.from({ length: 5000 }, () => 1), Array.from({ length: 5000 }, () => 1)],
  ] as const) {
    it(`turns ${weights.length} weights ${weights.slice(0, 3)} into small integers`, () => {
      assert.deepEqual(wholeWeights(weights), whole)
    })
  }

  for (const weights of [[], [0], [-1], [Number.NaN], [Number.POSITIVE_INFINITY]]) {
    it(`refuses the weights ${JSON.stringify(weights)}`, () => {
      assert.throws(() => new SlotCycle(weights), RangeError)
    })
  }
})
