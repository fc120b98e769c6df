import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { send, startSidecar, stored } from '../../test/testing/ingester-rig.ts'

/** Enough for two series with few labels, but not for three. */
const TWO_SERIES = 3_000

test('samples of series that don’t fit into memory are dropped and counted, and the others continue', async (context) => {
  const sidecar = await startSidecar({ maxSeriesBytes: TWO_SERIES })
  context.after(() => sidecar.close())
  await send(sidecar, 'g{n=1} 1 @10000', 'g{n=2} 2 @10000', 'g{n=3} 3 @10000', 'g{n=4} 4 @10000')
  await send(sidecar, 'g{n=1} 5 @20000', 'g{n=3} 6 @20000')
  assert.deepEqual(stored(sidecar), { 'g n=1': ['10000 1', '20000 5'], 'g n=2': ['10000 2'] })
  assert.deepEqual([...sidecar.drops], [['too_many_series', 3]])
  assert.equal(sidecar.ingester.seriesCount, 2)
  assert.ok(sidecar.ingester.seriesBytes <= TWO_SERIES)
})

test('long labels take more memory', async (context) => {
  const sidecar = await startSidecar({ maxSeriesBytes: TWO_SERIES })
  context.after(() => sidecar.close())
  await send(sidecar, `g{n=${'x'.repeat(800)}} 1 @10000`, 'g{n=2} 2 @10000')
  assert.deepEqual([...sidecar.drops], [['too_many_series', 1]])
})

test('series that are gone free memory', async (context) => {
  const sidecar = await startSidecar({ maxSeriesBytes: TWO_SERIES })
  context.after(() => sidecar.close())
  await send(sidecar, 'g{n=1} 1 @10000', 'g{n=2} 2 @10000')
  sidecar.clock.nowMs += 90_000_001
  sidecar.ingester.sweep()
  assert.equal(sidecar.ingester.seriesBytes, 0)
  await send(sidecar, 'g{n=3} 3 @20000', 'g{n=4} 4 @20000')
  assert.deepEqual([...sidecar.drops], [])
})

test('the newest series of a state that needs too much memory are given up', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'sidecar-memory-'))
  const stateFile = join(folder, 'state')
  const first = await startSidecar({ stateFile })
  await send(first, 'c_total{n=1} 1 @10000', 'c_total{n=2} 2 @10000', 'c_total{n=3} 3 @10000')
  await first.close()
  const second = await startSidecar({ stateFile, api: first.api, maxSeriesBytes: TWO_SERIES })
  context.after(async () => {
    await second.close()
    await rm(folder, { recursive: true })
  })
  assert.equal(second.ingester.seriesGivenUp, 1)
  await send(second, 'c_total{n=1} 5 @20000', 'c_total{n=2} 6 @20000', 'c_total{n=3} 7 @20000')
  assert.deepEqual(stored(second), { 'c n=1': ['10000..20000 4'], 'c n=2': ['10000..20000 4'] })
  assert.deepEqual([...second.drops], [['too_many_series', 1]])
})
