import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digitsToTellApart, logRange, valueRange } from './value-axis.ts'

const line = (value: number) => ({ value, label: '', critical: true, above: true })

describe('the range of a value axis', () => {
  it('begins at zero for rates and the like', () => {
    const [low, high] = valueRange(2, 10, [], false)
    assert.equal(low, 0)
    assert.ok(high > 10 && high < 12)
  })
  it('closes in on data far from zero, unless it is stacked', () => {
    const [low] = valueRange(80, 100, [], false)
    assert.ok(low > 70 && low < 80)
    assert.equal(valueRange(80, 100, [], true)[0], 0)
  })
  it('does not make noise look like news', () => assert.equal(valueRange(99, 100, [], false)[0], 0))
  it('takes in a threshold within reach and leaves out one that would flatten the data', () => {
    assert.ok(valueRange(0, 10, [line(25)], false)[1] >= 25)
    assert.ok(valueRange(0, 10, [line(500)], false)[1] < 12)
  })
  it('stands on something without data, and for a constant', () => {
    assert.deepEqual(valueRange(null, null, [], false), [0, 1])
    assert.ok(valueRange(null, null, [line(5)], false)[1] > 5)
    assert.deepEqual(valueRange(0, 0, [], false), [0, 1])
    assert.deepEqual(valueRange(5, 5, [], false), [0, 5.5])
    assert.deepEqual(valueRange(-5, -5, [], false), [-6, 0])
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
    it(`${splits} need ${digits} digits`, () => assert.equal(digitsToTellApart(splits), digits))
  }
})

describe('a logarithmic axis', () => {
  it('spans whole powers of ten', () => assert.deepEqual(logRange(0.02, 3.2), [0.01, 10]))
  it('spans one at least', () => assert.deepEqual(logRange(1, 1), [1, 10]))
})
