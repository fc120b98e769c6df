import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { send, startSidecar, stored } from '../../test/testing/ingester-rig.ts'

describe('start times', () => {
  it('count from _created, wherever it is in the request', async () => {
    const sidecar = await startSidecar()
    await send(
      sidecar,
      'c_total{a=1} 5 @9000',
      'c_created{a=1} 2.5 @9000',
      'c_created{a=2} 3 @9000',
      'c_total{a=2} 1 @9000',
    )
    assert.deepEqual(stored(sidecar), { 'c a=1': ['2500..9000 5'], 'c a=2': ['3000..9000 1'] })
    assert.equal(sidecar.drops.size, 0)
  })

  it('turn a baseline into a point if _created comes in a later request', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_total 5 @9000')
    await send(sidecar, 'c_created 2.5 @9000')
    await send(sidecar, 'c_total 7 @19000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5', '2500..19000 7'] })
  })

  it('remember _created that comes before its series', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_created 2.5 @9000')
    await send(sidecar, 'c_total 5 @9000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5'] })
  })

  it('cause a reset when _created changes, even if the value did not fall', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_created 2.5 @9000', 'c_total 5 @9000')
    await send(sidecar, 'c_created 12 @19000', 'c_total 6 @19000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5', '12000..19000 6'] })
  })

  it('cause the reset at the sample that came with the new _created, even if that arrives before an earlier sample', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_created 2.5 @9000', 'c_total 5 @9000')
    await send(sidecar, 'c_created 25 @29000')
    await send(sidecar, 'c_total 8 @19000')
    await send(sidecar, 'c_total 9 @29000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5', '2500..19000 8', '25000..29000 9'] })
  })

  it('cause one reset if the target’s clock is ahead, so that _created is later than the scrape', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_created 2.5 @9000', 'c_total 5 @9000')
    await send(sidecar, 'c_created 19.5 @19000', 'c_total 1 @19000')
    await send(sidecar, 'c_created 19.5 @29000', 'c_total 4 @29000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5', '18999..19000 1', '18999..29000 4'] })
  })
})
