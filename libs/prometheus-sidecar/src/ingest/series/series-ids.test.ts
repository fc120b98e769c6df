import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeriesIds } from './series-ids.ts'

test('released ids are used again', () => {
  const ids = new SeriesIds()
  assert.deepEqual([ids.take(), ids.take()], [0, 1])
  ids.release(0)
  assert.deepEqual([ids.take(), ids.take()], [0, 2])
})

test('ids that the last run did not use are free', () => {
  const ids = new SeriesIds()
  ids.restore(new Set([0, 2]), 4)
  assert.deepEqual(new Set([ids.take(), ids.take(), ids.take()]), new Set([1, 3, 4]))
})
