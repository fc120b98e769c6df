import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createSpanDeltas } from './span-deltas.ts'

it('returns what was exported and dropped since the last call', () => {
  const counts = {
    exported: 0,
    dropped: { queue_full: 0, export_failed: 0, export_stuck: 0, rejected: 0, shutdown: 0 },
  }
  const take = createSpanDeltas(counts)
  assert.equal(take(), undefined)
  counts.exported = 5
  counts.dropped.queue_full = 2
  assert.deepEqual(take(), { exported: 5, dropped: { queue_full: 2 } })
  counts.dropped.queue_full = 3
  counts.dropped.shutdown = 1
  assert.deepEqual(take(), { exported: 0, dropped: { queue_full: 1, shutdown: 1 } })
  assert.equal(take(), undefined)
})
