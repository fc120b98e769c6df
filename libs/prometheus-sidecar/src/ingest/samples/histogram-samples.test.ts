import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  batchOf,
  passLearning,
  type Sidecar,
  sample,
  send,
  startSidecar,
  stored,
} from '../../../test/testing/ingester-rig.ts'
import { RetryLaterError } from '../../model/ingester.ts'

describe('histograms', () => {
  it('are dropped and counted, never built from the remaining parts, if one part was lost', async () => {
    const sidecar = await startSidecar()
    const parts = (values: readonly number[], at: number) => [
      `h_bucket{le=1} ${values[0]} @${at}`,
      `h_bucket{le=2} ${values[1]} @${at}`,
      `h_bucket{le=+Inf} ${values[2]} @${at}`,
      `h_count ${values[2]} @${at}`,
      `h_sum ${values[2]} @${at}`,
    ]
    await send(sidecar, ...parts([0, 0, 0], 10_000))
    passLearning(sidecar)
    const [, ...others] = parts([8, 14, 20], 20_000)
    await send(sidecar, ...others)
    await send(sidecar, ...parts([9, 16, 23], 30_000))
    assert.deepEqual(stored(sidecar).h, ['10000..30000 [9 7 7] mean 1'])
    assert.equal(sidecar.drops.get('histogram_incomplete'), 1)
  })

  const parts = (at: number, ...values: number[]) => {
    const [low = 0, high = 0, all = 0, sum = 0] = values
    return [
      `h_bucket{le=1} ${low} @${at}`,
      `h_bucket{le=2} ${high} @${at}`,
      `h_bucket{le=+Inf} ${all} @${at}`,
      `h_count ${all} @${at}`,
      `h_sum ${sum} @${at}`,
    ]
  }

  /** Sends the first samples, and waits until the members are known. */
  async function learn(sidecar: Sidecar): Promise<void> {
    await send(sidecar, ...parts(1000, 1, 2, 3, 4))
    sidecar.clock.nowMs += 10_000
    sidecar.ingester.tick()
  }

  it('becomes one distribution, with its first sample as the baseline', async () => {
    const sidecar = await startSidecar()
    await learn(sidecar)
    await send(sidecar, ...parts(2000, 2, 4, 7, 12))
    assert.deepEqual(stored(sidecar), { h: ['1000..2000 [1 1 2] mean 2'] })
  })

  it('waits for members in other requests, even after the learning period', async () => {
    const sidecar = await startSidecar()
    const first = parts(1000, 1, 2, 3, 4)
    const second = parts(2000, 2, 4, 7, 12)
    for (const text of first.slice(0, 3)) await send(sidecar, text)
    for (const text of second.slice(0, 3)) await send(sidecar, text)
    for (const text of first.slice(3)) await send(sidecar, text)
    sidecar.clock.nowMs += 10_000
    sidecar.ingester.tick()
    assert.deepEqual(stored(sidecar), {})
    for (const text of second.slice(3)) await send(sidecar, text)
    assert.deepEqual(stored(sidecar), { h: ['1000..2000 [1 1 2] mean 2'] })
  })

  it('continues learning while another shard is behind, even if its requests are answered quickly', async () => {
    const sidecar = await startSidecar()
    const [first, second] = [parts(100_000, 1, 2, 3, 4), parts(110_000, 2, 4, 7, 12)]
    await send(sidecar, ...first.slice(0, 4))
    await send(sidecar, ...second.slice(0, 4))
    for (const at of [70_000, 80_000, 90_000]) {
      sidecar.clock.nowMs += 9_000
      await send(sidecar, `g 1 @${at}`)
      sidecar.ingester.tick()
    }
    sidecar.clock.nowMs += 9_000
    await send(sidecar, ...first.slice(4))
    await send(sidecar, ...second.slice(4))
    sidecar.clock.nowMs += 10_000
    sidecar.ingester.tick()
    await sidecar.writer.close(5000)
    assert.deepEqual(stored(sidecar).h, ['100000..110000 [1 1 2] mean 2'])
    assert.equal(sidecar.drops.get('histogram_incomplete'), undefined)
  })

  it('continues learning while a request of another shard is open', async () => {
    const sidecar = await startSidecar()
    let down = true
    sidecar.api.fate = () => (down ? 'down' : 'ok')
    const [first, second] = [parts(1000, 1, 2, 3, 4), parts(2000, 2, 4, 7, 12)]
    await send(sidecar, ...first.slice(0, 4))
    await send(sidecar, ...second.slice(0, 4))
    for (let round = 0; round < 4; round++) {
      const held = sidecar.ingester.ingest(batchOf([sample('g 1 @2500')]), { deadlineMs: 20 })
      await assert.rejects(held, { reason: 'deadline' })
      sidecar.clock.nowMs += 9_000
      sidecar.ingester.tick()
    }
    down = false
    await send(sidecar, ...first.slice(4))
    await send(sidecar, ...second.slice(4))
    sidecar.clock.nowMs += 10_000
    sidecar.ingester.tick()
    await sidecar.writer.close(5000)
    assert.deepEqual(stored(sidecar).h, ['1000..2000 [1 1 2] mean 2'])
  })

  it('is complete with each scrape in scrape mode', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    await send(sidecar, ...parts(1000, 1, 2, 3, 4))
    await send(sidecar, ...parts(2000, 2, 4, 7, 12))
    assert.deepEqual(stored(sidecar), { h: ['1000..2000 [1 1 2] mean 2'] })
  })

  it('resets as a whole', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    await send(sidecar, ...parts(1000, 1, 2, 3, 4), ...parts(2000, 2, 4, 7, 12))
    await send(sidecar, ...parts(3000, 5, 5, 5, 1))
    assert.deepEqual(stored(sidecar), { h: ['1000..2000 [1 1 2] mean 2', '2999..3000 [5 0 0] mean 0.2'] })
  })

  it('counts from _created', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    await send(sidecar, 'h_created 0.5 @1000', ...parts(1000, 1, 2, 3, 4))
    await send(sidecar, 'h_created 0.5 @2000', ...parts(2000, 2, 4, 7, 12))
    assert.deepEqual(stored(sidecar), {
      h: ['500..1000 [1 1 1] mean 1.3333333333333333', '500..2000 [2 2 3] mean 1.7142857142857142'],
    })
  })

  it('starts a new interval with a new bucket', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    await send(sidecar, ...parts(1000, 1, 2, 3, 4), ...parts(2000, 2, 4, 7, 12))
    await send(sidecar, ...parts(3000, 2, 4, 8, 20), 'h_bucket{le=5} 6 @3000')
    await send(sidecar, ...parts(4000, 2, 4, 9, 23), 'h_bucket{le=5} 7 @4000')
    assert.deepEqual(stored(sidecar), { h: ['1000..2000 [1 1 2] mean 2', '3000..4000 [0 0 1 0] mean 3'] })
  })

  it('gives up on a missing member after a bounded wait', async () => {
    const sidecar = await startSidecar()
    await learn(sidecar)
    await send(sidecar, ...parts(2000, 2, 4, 7, 12).slice(1))
    assert.deepEqual(stored(sidecar), {})
    assert.equal(sidecar.ingester.waitingParts, 4)
    sidecar.clock.nowMs += 60_000
    sidecar.ingester.tick()
    await sidecar.writer.close(5000)
    assert.deepEqual(stored(sidecar), { h: ['1000..2000 [2 2] mean 2'] })
    assert.equal(sidecar.ingester.waitingParts, 0)
  })

  it('counts a histogram without its count as incomplete', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    await send(sidecar, 'h_bucket{le=1} 1 @1000', 'h_sum 1 @1000')
    assert.equal(sidecar.drops.get('histogram_incomplete'), 1)
  })

  it('counts what a distribution can’t represent as inconsistent, and continues', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    await send(sidecar, ...parts(1000, 1, 2, 3, 4))
    await send(sidecar, ...parts(2000, Infinity, Infinity, Infinity, 12))
    await send(sidecar, ...parts(3000, 1, 2, 1e300, 12))
    await send(sidecar, ...parts(4000, 2, 4, 7, 12))
    assert.equal(sidecar.drops.get('histogram_inconsistent'), 2)
    await send(sidecar, ...parts(5000, 3, 5, 8, 14))
    assert.equal(stored(sidecar).h?.length, 2)
  })

  it('adds exemplars to its next point only', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    const exemplars = [{ labels: new Map([['trace_id', 'a'.repeat(32)]]), value: 0.7, timestampMs: 1900 }]
    await send(sidecar, ...parts(1000, 1, 2, 3, 4))
    const texts = parts(2000, 2, 4, 7, 12).map((text) => sample(text, text.includes('le=1') ? exemplars : []))
    await sidecar.ingester.ingest(batchOf(texts), { deadlineMs: 30_000 })
    await send(sidecar, ...parts(3000, 2, 4, 7, 12))
    assert.deepEqual(sidecar.api.exemplars, ['0.7'])
  })

  it('accepts no later part of a series whose earlier part must be resent', async () => {
    const sidecar = await startSidecar({ maxWaitingParts: 4 })
    sidecar.clock.nowMs += 10_000
    await send(sidecar, 'h_count{a=1} 1 @1000', 'h_sum{a=1} 1 @1000', 'h_sum{a=1} 2 @3000', 'h_sum{a=2} 1 @1000')
    const count = ['h_count{a=1} 2 @2000', 'h_count{a=1} 3 @3000']
    await assert.rejects(send(sidecar, ...count), { reason: 'full' })
    assert.equal(sidecar.ingester.waitingParts, 4, 'the part of 3000 would have made that of 2000 late')
  })

  it('rejects parts while too many wait', async () => {
    const sidecar = await startSidecar({ maxWaitingParts: 3 })
    await assert.rejects(
      send(sidecar, 'h_sum{a=1} 1 @1000', 'h_sum{a=2} 1 @1000', 'h_sum{a=3} 1 @1000', 'h_sum{a=4} 1 @1000'),
      (error) => error instanceof RetryLaterError && error.reason === 'full',
    )
  })
})
