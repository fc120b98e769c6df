import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cellAt } from './heatmap-cells.ts'
import { bucketPosition, type HeatmapData } from './heatmap-data.ts'

const MINUTE = 60_000
const exemplar = (timeMs: number, value: number, traceId = 'a'.repeat(32)) => ({ timeMs, value, traceId, labels: {} })
const DATA: HeatmapData = {
  timesMs: [MINUTE, 2 * MINUTE, 4 * MINUTE],
  edges: [0, 0.1, 0.5, Number.POSITIVE_INFINITY],
  counts: [
    [5, 1, 0],
    [6, 2, 1],
    [7, 0, 0],
  ],
  largest: 7,
  exemplars: [exemplar(90_000, 0.2), exemplar(100_000, 0.4), exemplar(110_000, 0.6), exemplar(50_000, 0.3)],
}

describe('a cell of a heatmap', () => {
  const at = (timeMs: number, position: number) => cellAt(DATA, { timeMs, position, periodSeconds: 60, unit: 's' })

  it('has its count, its range and its exemplars, the largest first', () => {
    const cell = at(95_000, 1.7)
    assert.deepEqual([cell?.count, cell?.range, cell?.startMs, cell?.endMs], [2, '100 ms – 500 ms', MINUTE, 2 * MINUTE])
    assert.deepEqual(
      cell?.exemplars.map(({ value }) => value),
      [0.4, 0.2],
    )
  })

  it('includes values above the last bound', () =>
    assert.deepEqual(
      at(95_000, 2.1)?.exemplars.map(({ value }) => value),
      [0.6],
    ))

  it('may have none', () => assert.deepEqual(at(30_000, 0.2)?.exemplars, []))

  it('does not exist in a gap or outside the data', () => {
    assert.equal(at(150_000, 0.5), undefined)
    assert.equal(at(95_000, 3.5), undefined)
    assert.equal(at(-1, 0.5), undefined)
  })
})

it('an exemplar is at its exact value within its bucket', () => {
  assert.equal(bucketPosition(0.3, DATA.edges), 1.5)
  assert.equal(bucketPosition(0.05, DATA.edges), 0.5)
  assert.equal(bucketPosition(9, DATA.edges), 2.5)
})
