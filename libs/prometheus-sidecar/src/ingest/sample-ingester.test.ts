import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  batchOf,
  FakeApi,
  passLearning,
  type Sent,
  sample,
  send,
  startSidecar,
  stored,
} from '../../test/testing/ingester-rig.ts'
import { seededRandom } from '../../test/testing/seeded-random.ts'
import { RetryLaterError } from '../model/ingester.ts'

describe('samples that are resent', () => {
  it('wait for the pending point instead of queueing a second one', async () => {
    const sidecar = await startSidecar()
    let down = true
    sidecar.api.fate = () => (down ? 'down' : 'ok')
    const texts = ['g 1 @1000', 'c_total 1 @1000', 'c_total 2 @2000']
    await assert.rejects(
      sidecar.ingester.ingest(batchOf(texts.map((text) => sample(text))), { deadlineMs: 30 }),
      (error) => error instanceof RetryLaterError && error.reason === 'deadline',
    )
    const again = send(sidecar, ...texts)
    down = false
    await again
    await send(sidecar, ...texts)
    assert.deepEqual(stored(sidecar), { c: ['1000..2000 1'], g: ['1000 1'] })
  })

  it('are rejected while too many points are pending, and during shutdown', async () => {
    const sidecar = await startSidecar({ maxPendingPoints: 1 })
    sidecar.api.fate = () => 'down'
    const first = sidecar.ingester.ingest(batchOf([sample('g 1 @1000')]), { deadlineMs: 200 })
    await new Promise(setImmediate)
    await assert.rejects(
      send(sidecar, 'g{a=b} 1 @1000'),
      (error) => error instanceof RetryLaterError && error.reason === 'full',
    )
    await assert.rejects(first)
    sidecar.ingester.close()
    await assert.rejects(
      send(sidecar, 'g 1 @1000'),
      (error) => error instanceof RetryLaterError && error.reason === 'closing',
    )
    await sidecar.writer.close(0)
  })
})

describe('restarts', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-ingester-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('continue from the saved baselines', async () => {
    const stateFile = join(folder, 'baselines')
    const first = await startSidecar({ stateFile })
    await send(first, 'c_total 5 @1000', 'c_total 8 @2000')
    await first.close()
    const second = await startSidecar({ stateFile, api: first.api })
    await send(second, 'c_total 8 @2000', 'c_total 9 @3000', 'c_total 1 @4000')
    assert.deepEqual(stored(second), { c: ['1000..2000 3', '1000..3000 4', '3999..4000 1'] })
    assert.equal(second.drops.size, 0)
    await second.close()
  })

  it('lose nothing that arrived while the disk was full', async () => {
    const stateFile = join(folder, 'full')
    const first = await startSidecar({ stateFile })
    const parts = ['h_bucket{le=1} 1 @1000', 'h_bucket{le=+Inf} 2 @1000', 'h_count 2 @1000', 'h_sum 2 @1000']
    const isState = (error: unknown) => error instanceof RetryLaterError && error.reason === 'state'
    first.disk.isFull = true
    await assert.rejects(send(first, 'c_total 5 @1000', ...parts), isState)
    await assert.rejects(send(first, 'c_total 5 @1000', ...parts), isState, 'also when it is resent')
    first.disk.isFull = false
    await send(first, 'c_total 5 @1000', ...parts)
    const second = await startSidecar({ stateFile, api: first.api })
    assert.equal(second.ingester.waitingParts, 4)
    await send(second, 'c_total 8 @2000')
    assert.deepEqual(stored(second), { c: ['1000..2000 3'] })
    await second.close()
    await first.close().catch(() => {})
  })

  it('keep acknowledged parts of histograms', async () => {
    const stateFile = join(folder, 'parts')
    const first = await startSidecar({ stateFile })
    await send(first, 'h_bucket{le=1} 1 @1000', 'h_bucket{le=+Inf} 2 @1000', 'h_count 2 @1000', 'h_sum 2 @1000')
    first.clock.nowMs += 10_000
    first.ingester.tick()
    await send(first, 'h_bucket{le=1} 2 @2000', 'h_bucket{le=+Inf} 5 @2000')
    await first.close()
    const second = await startSidecar({ stateFile, api: first.api })
    assert.equal(second.ingester.waitingParts, 2)
    await send(second, 'h_count 5 @2000', 'h_sum 8 @2000')
    assert.deepEqual(stored(second), { h: ['1000..2000 [1 2] mean 2'] })
    await second.close()
  })

  it('recognize a stored point whose response was lost with the process', async () => {
    const stateFile = join(folder, 'lost')
    const first = await startSidecar({ stateFile })
    await send(first, 'g 1 @1000', 'c_total 5 @1000')
    first.api.fate = () => 'lost'
    const unanswered = first.ingester.ingest(batchOf([sample('g 2 @2000'), sample('c_total 8 @2000')]), {
      deadlineMs: 50,
    })
    await assert.rejects(unanswered)
    await first.close()
    first.api.fate = () => 'ok'
    const second = await startSidecar({ stateFile, api: first.api })
    await send(second, 'g 2 @2000', 'c_total 8 @2000')
    await send(second, 'g 3 @3000', 'c_total 9 @3000')
    assert.deepEqual(stored(second), { c: ['1000..2000 3', '1000..3000 4'], g: ['1000 1', '2000 2', '3000 3'] })
    assert.equal(second.drops.get('refused'), undefined)
    await second.close()
  })

  it('continue if the lost response was for an interval that now starts elsewhere', async () => {
    const stateFile = join(folder, 'doubt')
    const first = await startSidecar({ stateFile })
    await send(first, 'c_total 5 @1000', 'c_total 8 @2000')
    first.api.fate = () => 'lost'
    await assert.rejects(first.ingester.ingest(batchOf([sample('c_total 1 @3000')]), { deadlineMs: 50 }))
    await first.close()
    first.api.fate = () => 'ok'
    const second = await startSidecar({ stateFile, api: first.api })
    await send(second, 'c_created 2.5 @3000')
    await send(second, 'c_total 1 @3000', 'c_total 4 @4000')
    await send(second, 'c_total 9 @5000')
    assert.deepEqual(stored(second), { c: ['1000..2000 3', '2999..3000 1', '2999..4000 4', '2999..5000 9'] })
    assert.equal(second.drops.get('refused'), undefined)
    await second.close()
  })

  it('do not store a part that waits behind one in flight, since that one would then count as older', async () => {
    const stateFile = join(folder, 'behind')
    const others = (at: number) => [`h_bucket{le=1} 1 @${at}`, `h_bucket{le=+Inf} 2 @${at}`, `h_sum 2 @${at}`]
    const first = await startSidecar({ stateFile })
    await send(first, ...others(1000), 'h_count 2 @1000')
    passLearning(first)
    await send(first, ...others(2000))
    first.api.fate = () => 'down'
    const completing = ['h_count 2 @2000', 'h_count 2 @3000'].map((text) => sample(text))
    await assert.rejects(first.ingester.ingest(batchOf(completing), { deadlineMs: 50 }))
    await first.close()
    first.api.fate = () => 'ok'
    const second = await startSidecar({ stateFile, api: first.api })
    await send(second, 'h_count 2 @2000', 'h_count 2 @3000')
    await send(second, ...others(3000))
    assert.deepEqual(
      (stored(second).h ?? []).map((point) => point.split(' ')[0]),
      ['1000..2000', '1000..3000'],
    )
    await second.close()
  })

  it('make a baseline of a first sample whose start is refused, since that proves that older points exist', async () => {
    const api = new FakeApi()
    const first = await startSidecar({ api })
    await send(first, 'c_created 0.5 @1000', 'c_total 5 @1000', 'c_total 8 @2000')
    await send(first, 'h_created 0.5 @1000', 'h_bucket{le=1} 1 @1000', 'h_count 2 @1000', 'h_sum 2 @1000')
    passLearning(first)
    await first.writer.close(1000)
    const second = await startSidecar({ api })
    await send(second, 'c_created 0.7 @3000', 'c_total 9 @3000', 'c_total 12 @4000', 'c_total 13 @5000')
    await second.close()
    assert.deepEqual(stored(second).c, ['500..1000 5', '500..2000 8', '3000..4000 3', '3000..5000 4'])
    assert.equal(second.drops.get('refused'), undefined)
  })
})

it('stores the same points however samples are sharded, repeated and interrupted', async () => {
  const random = seededRandom(Date.now() % 2 ** 32)
  for (let round = 0; round < 15; round++) {
    const series = randomSeries(random)
    const expected = await startSidecar()
    const times = [...new Set(series.flat().map(({ timestampMs }) => timestampMs))].sort((a, b) => a - b)
    for (const [index, at] of times.entries()) {
      await expected.ingester.ingest(batchOf(series.flat().filter(({ timestampMs }) => timestampMs === at)), {
        deadlineMs: 30_000,
      })
      if (index === 0) passLearning(expected)
    }
    await expected.writer.close(10_000)

    const sharded = await startSidecar()
    sharded.api.fate = () => (random.next() < 0.2 ? random.pick(['down', 'lost'] as const) : 'ok')
    const shards = Array.from({ length: 1 + random.below(16) }, (): Sent[] => [])
    for (const samples of series) random.pick(shards).push(...samples)
    const sending = shards.map(async (samples) => {
      const queue = [...samples].sort((a, b) => a.timestampMs - b.timestampMs)
      while (queue.length > 0) {
        const batch = batchOf(queue.splice(0, 1 + random.below(20)))
        for (let times = 1 + random.below(2); times > 0; times--) {
          while (
            !(await sharded.ingester.ingest(batch, { deadlineMs: random.next() < 0.2 ? 1 : 30_000 }).then(
              () => true,
              () => false,
            ))
          );
        }
      }
    })
    await Promise.all(sending)
    passLearning(sharded)
    await sharded.writer.close(10_000)
    assert.deepEqual(stored(sharded), stored(expected), `seed ${random.seed}, round ${round}`)
  }
})

/** Gauges, counters that reset, and histograms, with samples at the same times. */
function randomSeries(random: ReturnType<typeof seededRandom>): Sent[][] {
  const series: Sent[][] = []
  const times = Array.from({ length: 3 + random.below(6) }, (_, index) => 1000 * (index + 1))
  const add = (name: string, value: (index: number) => number) =>
    series.push(times.map((at, index) => sample(`${name} ${value(index)} @${at}`)))
  for (let index = 0; index < 3; index++) add(`g{n=${index}}`, () => random.next() * 10)
  for (let index = 0; index < 3; index++) {
    let total = random.below(100)
    add(`c_total{n=${index}}`, () => {
      total = random.next() < 0.2 ? random.below(5) : total + random.below(10)
      return total
    })
  }
  for (let index = 0; index < 3; index++) {
    const observed: number[][] = []
    let counts = [0, 0, 0]
    for (const _ of times) {
      counts = random.next() < 0.15 ? [0, 0, 0] : counts.map((count) => count + random.below(4))
      observed.push([...counts])
    }
    const upTo = (at: number, bucket: number) =>
      (observed[at] ?? []).slice(0, bucket + 1).reduce((sum, count) => sum + count, 0)
    for (const [bucket, le] of ['1', '2', '+Inf'].entries())
      add(`h_bucket{n=${index},le=${le}}`, (at) => upTo(at, bucket))
    add(`h_count{n=${index}}`, (at) => upTo(at, 2))
    add(`h_sum{n=${index}}`, (at) => upTo(at, 2) * 1.5)
  }
  return series
}
