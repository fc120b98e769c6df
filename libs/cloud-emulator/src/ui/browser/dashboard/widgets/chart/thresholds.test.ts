import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { thresholdLines, thresholdState } from './thresholds.ts'

const thresholds = [
  { value: 10, color: 'YELLOW', direction: 'ABOVE' },
  { value: 20, color: 'RED', direction: 'ABOVE' },
  { value: 1, color: 'RED', direction: 'BELOW' },
]

describe('a value against thresholds', () => {
  for (const [value, verdict] of [
    [5, 'ok'],
    [10, 'warning'],
    [19.9, 'warning'],
    [20, 'critical'],
    [1.1, 'ok'],
    [1, 'critical'],
    [0.5, 'critical'],
  ] as const) {
    it(`${value} is ${verdict}`, () => assert.equal(thresholdState(value, thresholds), verdict))
  }
  it('is ok without thresholds', () => assert.equal(thresholdState(1, undefined), 'ok'))
})

it('a threshold at 0 has no value in JSON', () => assert.equal(thresholdLines([{ label: 'x' }])[0]?.value, 0))

it('a threshold is on its axis, by default the first', () => {
  const lines = thresholdLines([{ value: 1 }, { value: 2, targetAxis: 'Y1' }, { value: 3, targetAxis: 'Y2' }])
  assert.deepEqual(
    lines.map(({ axis }) => axis),
    ['Y1', 'Y1', 'Y2'],
  )
})
