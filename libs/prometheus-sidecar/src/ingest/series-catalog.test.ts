import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { batchOf, sample, send, startSidecar, stored } from '../../test/testing/ingester-rig.ts'

describe('series that are gone', () => {
  const FORGET_AFTER_MS = 90_000_000

  it('are forgotten in time, with their state, and make room for new ones', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'sidecar-ingester-'))
    context.after(() => rm(folder, { recursive: true }))
    const sidecar = await startSidecar({ stateFile: join(folder, 'state'), maxSeries: 2 })
    await send(sidecar, 'c_total 5 @1000', 'g 1 @1000')
    sidecar.clock.nowMs += FORGET_AFTER_MS
    await send(sidecar, 'g 2 @2000')
    sidecar.ingester.sweep()
    assert.equal(sidecar.ingester.seriesCount, 2, 'not yet')
    sidecar.clock.nowMs += 1
    sidecar.ingester.sweep()
    assert.deepEqual(
      [...sidecar.ingester.states()].map(({ lastMs }) => lastMs),
      [2000],
    )
    await send(sidecar, 'c_total 7 @3000', 'c_total 8 @4000')
    assert.deepEqual(stored(sidecar).c, ['3000..4000 1'])
    assert.equal(sidecar.drops.get('too_many_series'), undefined)
    await sidecar.close()
  })

  it('are kept while one of their points is pending', async () => {
    const sidecar = await startSidecar()
    sidecar.api.fate = () => 'down'
    await assert.rejects(sidecar.ingester.ingest(batchOf([sample('g 1 @1000')]), { deadlineMs: 20 }))
    sidecar.clock.nowMs += FORGET_AFTER_MS + 1
    sidecar.ingester.sweep()
    assert.equal(sidecar.ingester.seriesCount, 1)
    await sidecar.writer.close(0)
  })
})
