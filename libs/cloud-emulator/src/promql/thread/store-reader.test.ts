import assert from 'node:assert/strict'
import { test } from 'node:test'
import { START_SECONDS, seriesJson } from '../../../test/testing/time-series.ts'
import { newStore, write } from '../../../test/testing/written-store.ts'
import { StoreReader } from './store-reader.ts'

const WINDOW = { startMs: START_SECONDS * 1000, endMs: (START_SECONDS + 3600) * 1000 }
const SERIES = 100
const POINTS = 700

test('a scan returns slices, and continues with data that is written in between', () => {
  const store = newStore()
  for (let second = 0; second < POINTS; second++) {
    const list = Array.from({ length: SERIES }, (_, i) => seriesJson({ labels: { i: String(i) }, end: second * 5 }))
    write(store, list, { now: second * 5 })
  }
  const reader = new StoreReader(store, 'demo-project')
  const matchers = [{ name: 'i', operator: '=~', value: '.+' }] as const
  let reply = reader.reply({ name: 'select', matchers, window: WINDOW })
  const found = new Map<string, number>()
  let slices = 0
  for (;;) {
    assert.equal(reply.name, 'slice')
    slices += 1
    for (const row of reply.slice.rows) {
      assert.ok('values' in row)
      found.set(row.labels.join(), row.values.length)
    }
    if (reply.slice.isLast) break
    if (slices === 1) write(store, [seriesJson({ labels: { i: 'new' }, end: 3600 })], { now: 3600 })
    reply = reader.reply({ name: 'next', scan: reply.slice.scan })
  }
  assert.ok(slices > 1)
  assert.equal(found.size, SERIES + 1)
  assert.deepEqual(new Set(found.values()), new Set([POINTS, 1]))
})
