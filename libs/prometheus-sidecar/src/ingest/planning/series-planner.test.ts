import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { batchOf, sample, send, startSidecar, stored } from '../../../test/testing/ingester-rig.ts'
import { RetryLaterError } from '../../model/ingester.ts'

describe('targets', () => {
  it('are fetched once for unknown series, which are then dropped and counted', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'g{job=other} 1 @1000', 'unheard 1 @1000')
    await send(sidecar, 'g{job=other} 1 @2000', 'unheard 1 @2000')
    assert.deepEqual(stored(sidecar), {})
    assert.deepEqual(Object.fromEntries(sidecar.drops), { target_not_found: 2, metadata_not_found: 2 })
    assert.equal(sidecar.warned.length, 2)
    assert.equal(sidecar.targets.refreshes, 1)
  })

  it('are found when they appear', async () => {
    const sidecar = await startSidecar()
    sidecar.targets.known = false
    await send(sidecar, 'g 1 @1000')
    assert.deepEqual(stored(sidecar), { g: ['1000 1'] })
  })

  it('cause dropped series to be planned again when more is known', async () => {
    const sidecar = await startSidecar()
    sidecar.targets.known = sidecar.targets.found = false
    await send(sidecar, 'g 1 @1000')
    sidecar.targets.known = true
    sidecar.targets.generation += 1
    await send(sidecar, 'g 2 @2000')
    assert.deepEqual(stored(sidecar), { g: ['2000 2'] })
  })

  it('cause samples to be rejected while they can’t be fetched', async () => {
    const sidecar = await startSidecar()
    sidecar.targets.known = sidecar.targets.available = false
    await assert.rejects(
      send(sidecar, 'g 1 @1000'),
      (error) => error instanceof RetryLaterError && error.reason === 'targets',
    )
    sidecar.targets.available = true
    await send(sidecar, 'g 1 @1000')
    assert.deepEqual(stored(sidecar), { g: ['1000 1'] })
  })
})

describe('metadata', () => {
  it('from remote_write is used if the target’s own is unknown', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'unheard 1 @1000')
    sidecar.ingester.addMetadata([
      { family: 'unheard', type: 'gauge', help: '', unit: '' },
      { family: 'g', type: 'counter', help: '', unit: '' },
    ])
    await send(sidecar, 'unheard 2 @2000', 'g 1 @2000')
    assert.deepEqual(stored(sidecar), { g: ['2000 1'], unheard: ['2000 2'] })
  })

  it('from remote_write does not override the target’s own, which may be in another format', async () => {
    const sidecar = await startSidecar()
    sidecar.ingester.addMetadata([{ family: 'c_total', type: 'counter', help: '', unit: '' }])
    await send(sidecar, 'c_total 5 @1000', 'c_total 8 @2000')
    assert.deepEqual(stored(sidecar), { c: ['1000..2000 3'] })
  })

  it('from remote_write is not used before the target’s own was requested', async () => {
    const sidecar = await startSidecar()
    sidecar.targets.typesFound = sidecar.targets.types
    sidecar.targets.types = {}
    sidecar.ingester.addMetadata([
      { family: 'c_total', type: 'counter', help: '', unit: '' },
      { family: 'unheard', type: 'gauge', help: '', unit: '' },
    ])
    await send(sidecar, 'c_total 5 @1000', 'c_total 8 @2000', 'unheard 1 @1000')
    assert.equal(sidecar.targets.refreshes, 1)
    sidecar.targets.generation += 1
    await send(sidecar, 'c_total 9 @3000', 'unheard 2 @2000')
    assert.deepEqual(stored(sidecar), { c: ['1000..2000 3', '1000..3000 4'], unheard: ['1000 1', '2000 2'] })
  })

  it('of the target itself is used as soon as it is known', async () => {
    const sidecar = await startSidecar()
    sidecar.targets.types = {}
    sidecar.ingester.addMetadata([{ family: 'c_total', type: 'counter', help: '', unit: '' }])
    await send(sidecar, 'c_total 5 @1000', 'c_total 8 @2000')
    sidecar.targets.types = { c: 'counter' }
    sidecar.targets.generation += 1
    await send(sidecar, 'c_total 9 @3000')
    assert.deepEqual(stored(sidecar), { c: ['2000..3000 1'], c_total: ['1000..2000 3'] })
  })

  it('that changes is applied after pending points, so that resent samples still find them', async () => {
    const sidecar = await startSidecar()
    let down = true
    sidecar.api.fate = () => (down ? 'down' : 'ok')
    const sendFor = (deadlineMs: number) => sidecar.ingester.ingest(batchOf([sample('g 1 @1000')]), { deadlineMs })
    await assert.rejects(sendFor(20), { reason: 'deadline' })
    sidecar.targets.types = { ...sidecar.targets.types, g: 'counter' }
    sidecar.targets.generation += 1
    await assert.rejects(sendFor(20), { reason: 'deadline' })
    down = false
    await sendFor(30_000)
    await send(sidecar, 'g 5 @2000', 'g 7 @3000')
    assert.deepEqual(stored(sidecar), { g: ['1000 1', '2000..3000 2'] })
  })
})
