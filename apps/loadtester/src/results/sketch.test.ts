import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DDSketch } from '@artilleryio/sketches-js'
import { RELATIVE_ACCURACY, Sketch } from './sketch.ts'

const quantiles = [0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1]

/** Values over nine orders of magnitude, by a generator with a seed. */
function randomValues(seed: number, count: number): number[] {
  let state = seed
  const next = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
  return Array.from({ length: count }, () => 10 ** (next() * 9 - 4))
}

function sketchOf(values: readonly number[]): Sketch {
  const sketch = new Sketch()
  for (const value of values) sketch.add(value)
  return sketch
}

describe('Sketch', () => {
  it('returns every quantile within 1 % of the true value', () => {
    const seed = Date.now() % 1_000_000
    const values = randomValues(seed, 5000)
    const sketch = sketchOf(values)
    const sorted = [...values].sort((a, b) => a - b)
    for (const quantile of quantiles) {
      const exact = sorted[Math.floor(quantile * (sorted.length - 1))] ?? 0
      const error = Math.abs(sketch.quantile(quantile) - exact) / exact
      assert.ok(error <= RELATIVE_ACCURACY + 1e-9, `quantile ${quantile} is off by ${error} (seed ${seed})`)
    }
  })

  it("has the same quantiles as the sketches in Artillery's reports", () => {
    const values = randomValues(7, 3000)
    const theirs = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY })
    for (const value of values) theirs.accept(value)
    const ours = sketchOf(values)
    for (const quantile of quantiles) {
      // Theirs may be above the highest value; ours is not.
      const expected = Math.min(theirs.getValueAtQuantile(quantile), Math.max(...values))
      assert.ok(Math.abs(ours.quantile(quantile) - expected) <= expected * 1e-9, `quantile ${quantile}`)
    }
  })

  it('is, merged in any pieces and order, exactly one sketch of all values', () => {
    for (let round = 0; round < 20; round++) {
      const seed = (Date.now() % 1_000_000) + round
      const values = randomValues(seed, 900)
      const whole = sketchOf(values)
      const pieces = [values.slice(0, 400), values.slice(400, 401), values.slice(401, 700), [], values.slice(700)].map(
        sketchOf,
      )
      const merged = new Sketch()
      for (const piece of pieces.reverse()) merged.merge(Sketch.decode(piece.encode()))
      for (const quantile of quantiles)
        assert.equal(merged.quantile(quantile), whole.quantile(quantile), `seed ${seed}`)
      assert.equal(merged.count, whole.count)
      assert.equal(merged.quantiles().min, whole.quantiles().min)
      assert.equal(merged.quantiles().max, whole.quantiles().max)
    }
  })

  it('merges a sketch whose highest value is in the bin with key 0', () => {
    const small = sketchOf([0.2, 0.5, 0.99])
    const merged = sketchOf([0.1])
    merged.merge(small)
    assert.equal(merged.quantile(1), sketchOf([0.1, 0.2, 0.5, 0.99]).quantile(1))
  })

  it('neither changes the merged sketch nor shares anything with it', () => {
    const one = sketchOf([1, 2])
    const other = new Sketch()
    other.merge(one)
    other.add(50)
    assert.equal(one.count, 2)
    assert.ok(one.quantile(1) < 3)
  })

  const oddities: readonly {
    readonly name: string
    readonly values: readonly number[]
    readonly count: number
    readonly p50: number
  }[] = [
    { name: 'nothing', values: [], count: 0, p50: 0 },
    { name: 'zeros', values: [0, 0, 0], count: 3, p50: 0 },
    { name: 'a negative value counts as 0', values: [-5], count: 1, p50: 0 },
    { name: 'not a number is left out', values: [Number.NaN], count: 0, p50: 0 },
  ]
  for (const { name, values, count, p50 } of oddities) {
    it(`takes ${name}`, () => {
      const sketch = Sketch.decode(sketchOf(values).encode())
      assert.equal(sketch.count, count)
      assert.equal(sketch.quantiles().p50, p50)
    })
  }

  it('returns the share of values above a limit', () => {
    const sketch = sketchOf(Array.from({ length: 100 }, (_, index) => index + 1))
    assert.ok(Math.abs(sketch.shareAbove(50) - 0.5) <= 0.02)
    assert.equal(sketch.shareAbove(1000), 0)
    assert.equal(sketch.shareAbove(0), 1)
  })

  for (const text of ['', 'x', '1,2,3;', '0,0,5,1,1,1;', '999999,0,1,1,1,1;AAE=', 'NaN,0,0,0,,;']) {
    it(`refuses the text ${JSON.stringify(text)}`, () => {
      assert.throws(() => Sketch.decode(text), RangeError)
    })
  }
})
