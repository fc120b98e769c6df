import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digitsToDistinguish, logRange, valueRange } from './value-axis.ts'

const line = (value: number) => ({ value, label: '', critical: true, above: true, axis: 'Y1' as const })

describe('the range of a value axis', () => {
  it("starts at zero, so that noise doesn't look like a change", () => {
    for (const [low, high] of [
      [2, 10],
      [99, 100],
    ] as const) {
      const range = valueRange(low, high, [])
      assert.equal(range[0], 0)
      assert.ok(range[1] > high && range[1] < high * 1.2)
    }
  })
  it('goes below zero with the data', () => {
    const [low, high] = valueRange(-10, -5, [])
    assert.ok(low < -10 && high === 0)
  })
  it('includes thresholds within reach, but none that would flatten the data', () => {
    assert.ok(valueRange(0, 10, [line(25)])[1] >= 25)
    assert.ok(valueRange(0, 10, [line(500)])[1] < 12)
  })
  it('is not empty without data or for a constant', () => {
    assert.deepEqual(valueRange(null, null, []), [0, 1])
    assert.ok(valueRange(null, null, [line(5)])[1] > 5)
    assert.deepEqual(valueRange(0, 0, []), [0, 1])
    assert.deepEqual(valueRange(5, 5, []), [0, 5.5])
    assert.deepEqual(valueRange(-5, -5, []), [-5.4, 0])
  })
})

describe('the labels of an axis', () => {
  for (const [splits, digits] of [
    [[0, 10, 20], 3],
    [[0.00565, 0.0057, 0.00575], 4],
    [[120_586_240, 120_848_384], 4],
    [[0], 3],
    [[], 3],
  ] as const) {
    it(`${splits} need ${digits} digits`, () => assert.equal(digitsToDistinguish(splits), digits))
  }
})

describe('a logarithmic axis', () => {
  it('spans whole powers of ten', () => assert.deepEqual(logRange(0.02, 3.2), [0.01, 10]))
  it('spans at least one power of ten', () => assert.deepEqual(logRange(1, 1), [1, 10]))
})
