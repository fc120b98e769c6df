import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PagePool } from './page-pool.ts'

test('pages in use never overlap', () => {
  const pool = new PagePool()
  const pages = Array.from({ length: 2000 }, (_, index) => pool.take(index % 2 === 0 ? 640 : 1024))
  for (const page of pages.slice(0, 1000)) pool.release(page)
  const all = [...pages.slice(1000), ...Array.from({ length: 1500 }, () => pool.take(640))]
  const places = new Set(all.map(({ slab }) => slab))
  const seen = new Map([...places].map((slab) => [slab, new Set<number>()]))
  for (const { slab, byteOffset } of all) {
    assert.equal(byteOffset % 8, 0)
    assert.ok(byteOffset + slab.pageBytes <= slab.doubles.byteLength)
    assert.ok(!seen.get(slab)?.has(byteOffset / slab.pageBytes), 'a page was allocated twice')
    seen.get(slab)?.add(byteOffset / slab.pageBytes)
  }
})

test('released pages are used again', () => {
  const pool = new PagePool()
  const first = pool.take(640)
  pool.release(first)
  assert.deepEqual(pool.take(640).slab, first.slab)
})

test('a page larger than a slab has its own slab', () => {
  const page = new PagePool().take(1024 * 1024)
  assert.equal(page.slab.doubles.byteLength, 1024 * 1024)
})
