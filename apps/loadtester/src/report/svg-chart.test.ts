import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { niceTicks, renderChart, timeTicks } from './svg-chart.ts'

describe('the ticks of a chart', () => {
  for (const [maximum, ticks] of [
    [0, [0, 1]],
    [1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [13, [0, 5, 10, 15]],
    [25, [0, 5, 10, 15, 20, 25]],
    [26, [0, 10, 20, 30]],
    [0.3, [0, 0.1, 0.2, 0.3]],
    [9876, [0, 2000, 4000, 6000, 8000, 10_000]],
  ] as const) {
    it(`up to ${maximum}`, () => assert.deepEqual(niceTicks(maximum), ticks))
  }

  for (const [last, ticks] of [
    [5, [0, 1, 2, 3, 4, 5]],
    [42, [0, 10, 20, 30, 40]],
    [300, [0, 60, 120, 180, 240, 300]],
    [7000, [0, 1800, 3600, 5400]],
  ] as const) {
    it(`over ${last} s`, () => assert.deepEqual(timeTicks(last), ticks))
  }
})

describe('a drawn chart', () => {
  const drawn = renderChart([0, 1, 2], [{ label: '<p95>', className: 'a', values: [20_000, undefined, 10_000] }], 'ms')
  it('leaves out what was not measured', () => assert.equal(/points="([^"]*)"/.exec(drawn)?.[1]?.split(' ').length, 2))
  it('has thousands as every chart', () => assert.match(drawn, />20 k<\/text>/))
  it('escapes its labels', () => assert.match(drawn, /&lt;p95&gt;/))
})
