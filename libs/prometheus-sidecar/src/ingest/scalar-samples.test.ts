import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { batchOf, sample, send, startSidecar, stored } from '../testing/ingester-rig.ts'

describe('gauges and counters', () => {
  it('stores a gauge at once, a counter from its second sample', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'g{room=a} 21.5 @1000', 'c_total 5 @1000')
    await send(sidecar, 'g{room=a} 22 @2000', 'c_total 8 @2000')
    assert.deepEqual(stored(sidecar), { c: ['1000..2000 3'], 'g room=a': ['1000 21.5', '2000 22'] })
    assert.deepEqual([...sidecar.drops], [['first_sample', 1]])
    assert.deepEqual(sidecar.warned, ['first_sample c_total{instance="h:1", job="j"}'])
  })

  it('takes many samples of one series in one batch, in order', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_total 1 @1000', 'c_total 2 @2000', 'c_total 4 @3000', 'c_total 1 @4000')
    assert.deepEqual(stored(sidecar), { c: ['1000..2000 1', '1000..3000 3', '3999..4000 1'] })
  })

  it('writes counts of a summary as whole numbers, its quantiles as gauges', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 's_count 1 @1000', 's_sum 0.5 @1000', 's{quantile=0.5} 0.5 @1000')
    await send(sidecar, 's_count 3.9 @2000', 's_sum 2 @2000', 's{quantile=0.5} NaN @2000')
    assert.deepEqual(stored(sidecar), {
      's quantile=0.5': ['1000 0.5'],
      s_count: ['1000..2000 2'],
      s_sum: ['1000..2000 1.5'],
    })
    assert.equal(sidecar.drops.get('nan'), 1)
  })

  it('does not count stale markers as lost, and goes on after one', async () => {
    const sidecar = await startSidecar()
    await send(
      sidecar,
      'c_total 5 @1000',
      'c_total 8 @2000',
      'c_total stale @3000',
      'c_total 9 @9000',
      'c_total 2 @10000',
    )
    assert.deepEqual(stored(sidecar), { c: ['1000..2000 3', '1000..9000 4', '9999..10000 2'] })
    assert.equal(sidecar.drops.get('nan'), undefined)
  })

  it('drops points that are too close', async () => {
    const sidecar = await startSidecar({ rules: { minSamplingPeriodMs: 5000 } })
    await send(
      sidecar,
      'g 1 @10000',
      'g 2 @14999',
      'g 3 @15000',
      'c_total 1 @10000',
      'c_total 2 @15000',
      'c_total 4 @16000',
      'c_total 8 @20000',
    )
    assert.deepEqual(stored(sidecar), { c: ['10000..15000 1', '10000..20000 7'], g: ['10000 1', '15000 3'] })
    assert.equal(sidecar.drops.get('too_frequent'), 2)
  })

  it('drops what no counter can hold, and goes on', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_total Infinity @1000', 'c_total 5 @2000', 'c_total Infinity @3000', 'c_total 7 @4000')
    await send(sidecar, 's_count 1e300 @1000', 's_count 4 @2000', 's_count 6 @3000', 's_count 1e300 @4000')
    await send(sidecar, 'g Infinity @1000')
    assert.deepEqual(stored(sidecar), { c: ['2000..4000 2'], g: ['1000 Infinity'], s_count: ['2000..3000 2'] })
    assert.equal(sidecar.drops.get('infinite'), 4)
  })

  it('keeps two series that become one in order, and counts what is lost', async () => {
    const rules = {
      metricRenames: new Map([['g', 'c']]),
      staticMetadata: new Map([['c', { type: 'gauge', valueType: 'DOUBLE' } as const]]),
    }
    const sidecar = await startSidecar({ rules })
    await send(sidecar, 'g 1 @1000', 'c 2 @1000', 'g 3 @2000')
    assert.deepEqual(stored(sidecar), { c: ['1000 1', '2000 3'] })
    assert.equal(sidecar.drops.get('out_of_order'), 1)
  })

  it('drops impossible times and labels without a name', async () => {
    const sidecar = await startSidecar()
    const impossible = { ...sample('g 1 @1'), timestampMs: -5 }
    const nameless = { ...sample('g 1 @1'), labels: { job: 'j' } }
    await sidecar.ingester.ingest(batchOf([impossible, nameless]), { deadlineMs: 1000 })
    assert.deepEqual([...sidecar.drops.keys()].sort(), ['labels_invalid', 'timestamp_invalid'])
  })

  it('knows a bounded number of series', async () => {
    const sidecar = await startSidecar({ maxSeries: 2 })
    await send(sidecar, 'g{a=1} 1 @1000', 'g{a=2} 1 @1000', 'g{a=3} 1 @1000')
    assert.equal(sidecar.drops.get('too_many_series'), 1)
    assert.equal(sidecar.ingester.seriesCount, 2)
  })
})
