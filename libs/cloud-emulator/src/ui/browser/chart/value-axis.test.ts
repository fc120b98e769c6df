import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { logRange, valueRange } from './value-axis.ts'

const line = (value: number) => ({ value, label: '', critical: true, above: true })

describe('the range of a value axis', () => {
  it('begins at zero for rates and the like', () => {
    const [low, high] = valueRange(2, 10, [], false)
    assert.equal(low, 0)
    assert.ok(high > 10 && high < 12)
  })
  it('closes in on data far from zero, unless it is stacked', () => {
    const [low] = valueRange(90, 100, [], false)
    assert.ok(low > 80 && low < 90)
    assert.equal(valueRange(90, 100, [], true)[0], 0)
  })
  it('takes in a threshold within reach and leaves out one that would flatten the data', () => {
    assert.ok(valueRange(0, 10, [line(25)], false)[1] >= 25)
    assert.ok(valueRange(0, 10, [line(500)], false)[1] < 12)
  })
  it('stands on something without data, and for a constant', () => {
    assert.deepEqual(valueRange(null, null, [], false), [0, 1])
    assert.ok(valueRange(null, null, [line(5)], false)[1] > 5)
    assert.deepEqual(valueRange(0, 0, [], false), [0, 1])
    assert.deepEqual(valueRange(5, 5, [], false), [0, 6])
    assert.deepEqual(valueRange(-5, -5, [], false), [-6, 0])
  })
})

describe('a logarithmic axis', () => {
  it('spans whole powers of ten', () => assert.deepEqual(logRange(0.02, 3.2), [0.01, 10]))
  it('spans one at least', () => assert.deepEqual(logRange(1, 1), [1, 10]))
})
