import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { querySeries } from '../../../../test/testing/query-answer.ts'
import { bucketPosition, intensity, toHeatmap } from './heatmap-data.ts'

const point = (...counts: number[]) => ({ count: counts.reduce((a, b) => a + b, 0), mean: 0, counts })

describe('a heatmap', () => {
  it('adds the distributions of series with the same buckets', () => {
    const heatmap = toHeatmap([
      querySeries({ timesMs: [60, 120], bounds: [1, 2], distributions: [point(1, 2, 0), point(0, 1, 0)] }),
      querySeries({ timesMs: [120], bounds: [1, 2], distributions: [point(5, 5, 5)] }),
      querySeries({ timesMs: [120], bounds: [7, 8], distributions: [point(9, 9, 9)] }),
    ])
    assert.deepEqual(heatmap.timesMs, [60, 120])
    assert.deepEqual(heatmap.counts, [
      [1, 2, 0],
      [5, 6, 5],
    ])
    assert.deepEqual(heatmap.edges, [0, 1, 2, Number.POSITIVE_INFINITY])
    assert.equal(heatmap.largest, 6)
  })

  it('keeps one empty bucket on each side', () => {
    const heatmap = toHeatmap([
      querySeries({ timesMs: [60], bounds: [1, 2, 3, 4, 5], distributions: [point(0, 0, 7, 0, 0, 0)] }),
    ])
    assert.deepEqual(heatmap.edges, [1, 2, 3, 4])
    assert.deepEqual(heatmap.counts, [[0, 7, 0]])
  })

  it('may extend below zero', () => {
    const heatmap = toHeatmap([querySeries({ timesMs: [60], bounds: [-1, 1], distributions: [point(1, 1, 1)] })])
    assert.deepEqual(heatmap.edges, [Number.NEGATIVE_INFINITY, -1, 1, Number.POSITIVE_INFINITY])
  })

  it('of nothing is empty', () => assert.deepEqual(toHeatmap([]).timesMs, []))
})

describe('a value on the bucket axis', () => {
  const edges = [0, 1, 3, Number.POSITIVE_INFINITY]
  for (const [value, position] of [
    [0, 0],
    [0.5, 0.5],
    [1, 1],
    [2, 1.5],
    [3, 2.5],
    [99, 2.5],
    [-1, undefined],
  ] as const) {
    it(`${value} is at ${position}`, () => assert.equal(bucketPosition(value, edges), position))
  }
  it('may be the upper end of the last bucket', () => assert.equal(bucketPosition(3, [0, 1, 3]), 2))
})

it('intensity grows with the logarithm of the count and never vanishes', () => {
  assert.equal(intensity(0, 100), 0)
  assert.equal(intensity(1, 100), 0.15)
  assert.equal(intensity(100, 100), 1)
  assert.ok(Math.abs(intensity(10, 100) - 0.575) < 1e-9)
  assert.equal(intensity(1, 1), 1)
})
