import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { FakeApi, send, startSidecar, stored } from '../../test/testing/ingester-rig.ts'

const GMP = { rules: { format: 'gmp' as const } }

describe('a metric of unknown type in format gmp', () => {
  it('is a gauge and a counter, even in the next run', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'sidecar-twin-'))
    context.after(() => rm(folder, { recursive: true }))
    const api = new FakeApi()
    const stateFile = join(folder, 'state')
    for (const samples of [
      ['x 5 @10000', 'x 7 @20000'],
      ['x 9 @30000', 'x 2 @40000', 'x stale @50000'],
    ]) {
      const sidecar = await startSidecar({ ...GMP, api, stateFile })
      await send(sidecar, ...samples)
      assert.equal(sidecar.ingester.seriesCount, 2)
      await sidecar.close()
    }
    assert.deepEqual(Object.fromEntries(api.points), {
      unknown: ['10000 5', '20000 7', '30000 9', '40000 2'],
      'unknown:counter': ['10000..20000 2', '10000..30000 4', '39999..40000 2'],
    })
  })

  it('has its actual type as soon as that is known', async () => {
    const sidecar = await startSidecar(GMP)
    await send(sidecar, 'x 5 @10000')
    sidecar.targets.types = { ...sidecar.targets.types, x: 'counter' }
    sidecar.targets.generation += 1
    await send(sidecar, 'x 7 @20000', 'x 8 @30000')
    assert.deepEqual(stored(sidecar), { unknown: ['10000 5'], counter: ['20000..30000 1'] })
  })

  it('is forgotten completely', async () => {
    const sidecar = await startSidecar(GMP)
    await send(sidecar, 'x 5 @10000')
    sidecar.clock.nowMs += 90_000_001
    sidecar.ingester.sweep()
    assert.equal(sidecar.ingester.seriesCount, 0)
    assert.deepEqual(sidecar.ingester.silentGaps(10_000_000), [])
  })
})

it('a gauge may be NaN in format gmp, and a counter may not', async () => {
  const sidecar = await startSidecar(GMP)
  await send(sidecar, 'g NaN @10000', 'c_total NaN @10000', 'g stale @20000')
  assert.deepEqual(stored(sidecar), { gauge: ['10000 NaN'] })
  assert.deepEqual([...sidecar.drops], [['nan', 1]])
})
