import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { batchOf, FakeApi, sample, send, startSidecar, stored } from '../../../test/testing/ingester-rig.ts'

describe('gauges and counters', () => {
  it('stores a gauge from its first sample, a counter from its second', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'g{room=a} 21.5 @1000', 'c_total 5 @1000')
    await send(sidecar, 'g{room=a} 22 @2000', 'c_total 8 @2000')
    assert.deepEqual(stored(sidecar), { c: ['1000..2000 3'], 'g room=a': ['1000 21.5', '2000 22'] })
    assert.deepEqual([...sidecar.drops], [['first_sample', 1]])
    assert.deepEqual(sidecar.warned, ['first_sample c_total{instance="h:1", job="j"}'])
  })

  it('accepts many samples of a series in one batch, in order', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_total 1 @1000', 'c_total 2 @2000', 'c_total 4 @3000', 'c_total 1 @4000')
    assert.deepEqual(stored(sidecar), { c: ['1000..2000 1', '1000..3000 3', '3999..4000 1'] })
  })

  it('writes the count of a summary as INT64, and its quantiles as gauges', async () => {
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

  it('does not count stale markers as dropped, and continues after one', async () => {
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

  it('drops points that are too frequent', async () => {
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

  it('rounds an INT64 gauge half away from zero', async () => {
    const staticMetadata = new Map([['g', { type: 'gauge', valueType: 'INT64' } as const]])
    const sidecar = await startSidecar({ rules: { staticMetadata } })
    await send(sidecar, 'g 2.5 @1000', 'g -2.5 @2000', 'g 2.4 @3000', 'g -0.4 @4000')
    assert.deepEqual(stored(sidecar).g, ['1000 3', '2000 -3', '3000 2', '4000 0'])
  })

  it('drops what a counter can’t represent, and continues', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_total Infinity @1000', 'c_total 5 @2000', 'c_total Infinity @3000', 'c_total 7 @4000')
    await send(sidecar, 's_count 1e300 @1000', 's_count 4 @2000', 's_count 6 @3000', 's_count 1e300 @4000')
    await send(sidecar, 'g Infinity @1000')
    assert.deepEqual(stored(sidecar), { c: ['2000..4000 2'], g: ['1000 Infinity'], s_count: ['2000..3000 2'] })
    assert.equal(sidecar.drops.get('infinite'), 4)
  })

  it('keeps two series that become one in order, and counts dropped samples', async () => {
    const rules = {
      metricRenames: new Map([['g', 'c']]),
      staticMetadata: new Map([['c', { type: 'gauge', valueType: 'DOUBLE' } as const]]),
    }
    const sidecar = await startSidecar({ rules })
    await send(sidecar, 'g 1 @1000', 'c 2 @1000', 'g 3 @2000')
    assert.deepEqual(stored(sidecar), { c: ['1000 1', '2000 3'] })
    assert.equal(sidecar.drops.get('out_of_order'), 1)
  })

  it('drops invalid timestamps and labels without a name', async () => {
    const sidecar = await startSidecar()
    const impossible = { ...sample('g 1 @1'), timestampMs: -5 }
    const nameless = { ...sample('g 1 @1'), labels: { job: 'j' } }
    await sidecar.ingester.ingest(batchOf([impossible, nameless]), { deadlineMs: 1000 })
    assert.deepEqual([...sidecar.drops.keys()].sort(), ['labels_invalid', 'timestamp_invalid'])
  })

  it('continues where it was if its clock was set back a little before the next run', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'clock-'))
    context.after(() => rm(folder, { recursive: true }))
    const options = { stateFile: join(folder, 'state'), api: new FakeApi(), wallNowMs: () => 90_000 }
    const before = await startSidecar(options)
    const known = ['c_total 5 @70000', 'c_total 7 @80000', 'c_total 9 @90000']
    await send(before, ...known)
    await before.close()
    const sidecar = await startSidecar({ ...options, wallNowMs: () => 60_000 })
    await send(sidecar, ...known, 'c_total 12 @100000')
    assert.deepEqual(stored(sidecar).c, ['70000..80000 2', '70000..90000 4', '70000..100000 7'])
    assert.deepEqual([...sidecar.drops], [])
  })

  it('counts a sample that is too far ahead, and continues with current ones, even in the next run', async () => {
    const now = Date.now()
    const sidecar = await startSidecar()
    for (const ahead of [3_600_000, 10 ** 12]) {
      await send(sidecar, `g ${ahead} @${now + ahead}`)
      await send(sidecar, `g ${ahead} @${now + ahead}`)
    }
    await send(sidecar, `g 1 @${now}`)
    assert.deepEqual(stored(sidecar).g, [`${now} 1`])
    assert.equal(sidecar.drops.get('timestamp_invalid'), 2)
  })

  it('counts each late sample from the start if no request has failed', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'g 1 @10000', 'g 2 @20000', 'g 3 @70000', 'g 4 @80000')
    await send(sidecar, 'g 5 @30000', 'g 6 @40000', 'g 7 @50000')
    assert.equal(sidecar.drops.get('out_of_order'), 3)
    await send(sidecar, 'g 8 @90000')
    assert.equal(stored(sidecar).g?.at(-1), '90000 8')
  })

  it('counts each late sample of a series that an audit watches, even while others are resent', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'g 1 @10000')
    const [watched] = sidecar.ingester.watch(1)
    await send(sidecar, 'g 2 @20000', 'g 3 @70000', 'g 4 @80000')
    sidecar.targets.available = false
    await assert.rejects(send(sidecar, 'g{job=other} 1 @90000'), { reason: 'targets' })
    await send(sidecar, 'g 5 @30000', 'g 2 @20000')
    assert.equal(sidecar.drops.get('out_of_order'), 1)
    assert.deepEqual([...(watched?.trail.samples.keys() ?? [])].sort(), [20_000, 30_000, 70_000, 80_000])
  })

  it('counts late samples and second ones for the same time, but none that is resent', async () => {
    const sidecar = await startSidecar()
    const all = ['g 1 @10000', 'c_total 1 @10000', 'g 2 @20000', 'c_total 2 @20000', 'g 3 @30000', 'c_total 4 @30000']
    await send(sidecar, ...all)
    // A request fails, so that Prometheus may resend it in other parts.
    sidecar.targets.available = false
    await assert.rejects(send(sidecar, 'g{job=other} 1 @30000'), { reason: 'targets' })
    sidecar.targets.available = true
    await send(sidecar, ...all)
    assert.equal(sidecar.drops.get('out_of_order'), undefined)
    await send(sidecar, 'g 2.5 @25000', 'c_total 3 @25000', 'g 9 @30000')
    assert.equal(sidecar.drops.get('out_of_order'), 3)
    await send(sidecar, 'g 2.5 @25000', 'c_total 3 @25000')
    assert.ok((sidecar.drops.get('out_of_order') ?? 0) <= 4)
    sidecar.clock.nowMs += 600_001
    await send(sidecar, 'c_total 1 @15000')
    await send(sidecar, 'g 4 @40000', 'c_total 5 @40000')
    assert.deepEqual(stored(sidecar), {
      c: ['10000..20000 1', '10000..30000 3', '10000..40000 4'],
      g: ['10000 1', '20000 2', '30000 3', '40000 4'],
    })
  })

  it('keeps a limited number of series, and logs others at most once a minute', async () => {
    const sidecar = await startSidecar({ maxSeries: 2 })
    await send(sidecar, 'g{a=1} 1 @1000', 'g{a=2} 1 @1000', 'g{a=3} 1 @1000', 'g{a=4} 1 @1000')
    assert.equal(sidecar.drops.get('too_many_series'), 2)
    assert.equal(sidecar.ingester.seriesCount, 2)
    sidecar.clock.nowMs += 60_000
    await send(sidecar, 'g{a=4} 1 @2000')
    assert.deepEqual(sidecar.warned, [
      'too_many_series g{a="3", instance="h:1", job="j"}',
      'too_many_series g{a="4", instance="h:1", job="j"}',
    ])
  })

  it('does not keep a series whose labels are too large to be stored', async () => {
    const sidecar = await startSidecar()
    const huge = { ...sample('g 1 @1000'), labels: { __name__: 'g', job: 'j', instance: 'h:1', a: 'x'.repeat(65_536) } }
    await sidecar.ingester.ingest(batchOf([huge]), { deadlineMs: 1000 })
    assert.equal(sidecar.drops.get('labels_invalid'), 1)
    assert.equal(sidecar.ingester.seriesCount, 0)
    assert.ok((sidecar.warned[0] ?? '').length < 200)
  })

  it('counts a dropped sample once, even if its request is resent', async () => {
    const sidecar = await startSidecar()
    const texts = ['unheard 1 @1000', 'unheard 2 @2000', 'g 1 @1000']
    sidecar.disk.isFull = true
    for (let time = 0; time < 3; time++) await assert.rejects(send(sidecar, ...texts), { reason: 'state' })
    sidecar.disk.isFull = false
    await send(sidecar, ...texts)
    assert.equal(sidecar.drops.get('metadata_not_found'), 2)
  })

  it('counts samples from before the last scrape as out of order in scrape mode', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    const scrape = (at: number) => [`g 1 @${at}`, `h_bucket{le=1} 1 @${at}`, `h_count 1 @${at}`, `h_sum 1 @${at}`]
    for (const at of [9000, 9000, 5000]) await send(sidecar, ...scrape(at))
    assert.equal(
      sidecar.drops.get('out_of_order'),
      4,
      'targets with timestamps of their own may report the same time again',
    )
  })
})
