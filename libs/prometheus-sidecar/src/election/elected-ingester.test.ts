import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { MemoryLease } from '../../test/testing/election/memory-lease.ts'
import { batchOf, FakeApi, type Sidecar, sample, startSidecar, stored } from '../../test/testing/ingester-rig.ts'
import type { StateJournal } from '../model/conversion-state.ts'
import { RetryLaterError } from '../model/ingester.ts'
import { NoJournal } from '../state/no-journal.ts'
import { ElectedIngester, TERM_DOCUMENT } from './elected-ingester.ts'
import { Election } from './election.ts'

const DURATION_MS = 15_000
const START_MS = 1_000_000

interface Replica {
  readonly sidecar: Sidecar
  readonly election: Election
  readonly ingester: ElectedIngester
  readonly dropped: { count: number }
  readonly documents: Map<string, unknown>
}

describe('two sidecars that receive the same series', () => {
  let clock: { nowMs: number }
  let api: FakeApi
  let store: MemoryLease
  let a: Replica
  let b: Replica

  async function startReplica(identity: string): Promise<Replica> {
    const sidecar = await startSidecar({ api })
    const now = () => clock.nowMs
    const election = new Election({
      store,
      identity,
      durationMs: DURATION_MS,
      savedTermMs: undefined,
      log: { info() {}, warn() {} },
      nowMs: now,
      wallNowMs: now,
    })
    const dropped = { count: 0 }
    const documents = new Map<string, unknown>()
    const journal: StateJournal = Object.assign(new NoJournal(), {
      document: (name: string, value: unknown) => void documents.set(name, value),
    })
    const ingester = new ElectedIngester({
      ingester: sidecar.ingester,
      election,
      journal,
      queuedPoints: () => sidecar.writer.queuedPoints,
      observer: {
        sampleDropped() {
          dropped.count += 1
        },
      },
      wallNowMs: now,
    })
    election.start(ingester)
    await election.tick()
    return { sidecar, election, ingester, dropped, documents }
  }

  beforeEach(async () => {
    clock = { nowMs: START_MS }
    api = new FakeApi()
    store = new MemoryLease()
    a = await startReplica('a')
    b = await startReplica('b')
  })

  async function pass(ms: number, ...alive: readonly Replica[]): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 2_500) {
      clock.nowMs += 2_500
      for (const { election } of alive) await election.tick()
    }
  }

  async function send({ ingester }: Replica, ...texts: string[]): Promise<void> {
    await ingester.ingest(batchOf(texts.map((text) => sample(text))), { deadlineMs: 30_000 })
  }

  it('write each sample once: the holder of the lease writes it, and the other counts it', async () => {
    for (let step = 0; step < 3; step++) {
      await send(a, `g ${step} @${clock.nowMs}`, `c_total ${step} @${clock.nowMs}`)
      await send(b, `g 9 @${clock.nowMs + 1}`, `c_total 9 @${clock.nowMs + 1}`)
      await pass(10_000, a, b)
    }
    assert.deepEqual(stored(a.sidecar), {
      c: ['1000000..1010000 1', '1000000..1020000 2'],
      g: ['1000000 0', '1010000 1', '1020000 2'],
    })
    assert.deepEqual([a.dropped.count, b.dropped.count], [0, 6])
    assert.equal(b.sidecar.ingester.seriesCount, 0)
  })

  it('do not count again what they read from Prometheus’ database and another one writes', async () => {
    await send(b, 'g 1 @1000000')
    await b.ingester.ingestMissing(batchOf([sample('g 1 @1000000'), sample('g 2 @1001000')]))
    assert.equal(b.dropped.count, 1)
    assert.deepEqual(stored(b.sidecar), {})
  })

  it('count what another one writes when the request succeeds, not each time it is sent', async () => {
    await pass(DURATION_MS, b)
    assert.ok(b.election.isLeader)
    const batch = batchOf([sample('g 1 @1000000'), sample('g 2 @1010000')])
    b.sidecar.ingester.ingest = async () => {
      throw new RetryLaterError('lease', 'later')
    }
    await assert.rejects(b.ingester.ingest(batch, { deadlineMs: 1 }))
    assert.equal(b.dropped.count, 0)
  })

  it('hold samples back until their writer is known', async () => {
    const batch = batchOf([sample('g 1 @1005001')])
    for (const { ingester } of [a, b])
      await assert.rejects(ingester.ingest(batch, { deadlineMs: 1 }), { reason: 'lease' })
    await pass(2_500, a, b)
    await send(b, 'g 1 @1005001')
    await send(a, 'g 1 @1005001')
    assert.deepEqual(stored(a.sidecar).g, ['1005001 1'])
  })

  it('do not wait because of a sample that is too far ahead', async () => {
    await send(a, `g 1 @${START_MS + 3_600_000}`, 'g{a=1} 1 @1000000')
    assert.deepEqual(stored(a.sidecar), { 'g a=1': ['1000000 1'] })
  })

  it('swap roles when the holder is killed: the other continues after it, and nothing is counted twice', async () => {
    await send(a, 'c_total 10 @1000000', 'told_total 10 @1000000', 'g 10 @1000000')
    await send(b, 'c_total 11 @1000001', 'g 11 @1000001')
    await send(a, 'c_total 20 @1004000', 'g 20 @1004000')
    await pass(DURATION_MS, b)
    assert.ok(b.election.isLeader)
    // The killed one may have written up to 1,005,000.
    await send(b, 'c_total 25 @1005000', 'c_total 30 @1010000', 'c_total 44 @1015000', 'g 25 @1005000', 'g 30 @1010000')
    assert.deepEqual(stored(b.sidecar), {
      c: ['1000000..1004000 10', '1010000..1015000 14'],
      g: ['1000000 10', '1004000 20', '1010000 30'],
    })
  })

  it('count samples too soon after the previous leader’s last point as too frequent, not as refused', async () => {
    api.minPeriodMs = 5_000
    await send(a, 'c_created 900 @1004000', 'c_total 20 @1004000', 'g 20 @1004000')
    await pass(DURATION_MS, b)
    await send(b, 'c_created 900 @1006000', 'c_total 22 @1006000', 'g 22 @1006000')
    await send(b, 'c_created 900 @1016000', 'c_total 32 @1016000', 'g 32 @1016000')
    assert.deepEqual(stored(b.sidecar), {
      c: ['900000..1004000 20', '900000..1016000 32'],
      g: ['1004000 20', '1016000 32'],
    })
    assert.deepEqual([...b.sidecar.drops], [['too_frequent', 2]])
  })

  it('continue in the same interval if the target reports the start', async () => {
    await send(a, 'c_created 900 @1000000', 'c_total 10 @1000000')
    await pass(DURATION_MS, b)
    await send(b, 'c_created 900 @1010000', 'c_total 30 @1010000')
    await send(b, 'c_created 900 @1015000', 'c_total 31 @1015000')
    assert.deepEqual(stored(b.sidecar).c, ['900000..1000000 10', '900000..1010000 30', '900000..1015000 31'])
  })

  it('start again with a baseline for counters that another one has written meanwhile', async () => {
    await send(a, 'c_total 10 @1000000', 'c_total 20 @1001000', 'h_count 1 @1001000')
    await pass(DURATION_MS, b)
    const aFromMs = b.election.own.fromMs
    await send(b, `c_total 30 @${aFromMs + 1}`, `c_total 40 @${aFromMs + 2}`)
    await pass(2_500, a, b)
    assert.ok(!a.election.isLeader)
    await send(a, 'c_total 22 @1002000')
    await pass(DURATION_MS + 2_500, a)
    assert.ok(a.election.isLeader)
    assert.equal(a.documents.get(TERM_DOCUMENT), a.election.own.fromMs)
    const { fromMs } = a.election.own
    await send(a, `c_total 50 @${fromMs + 1}`, `c_total 60 @${fromMs + 2}`)
    assert.deepEqual(stored(a.sidecar).c, [
      '1000000..1001000 10',
      `${aFromMs + 1}..${aFromMs + 2} 10`,
      `${fromMs + 1}..${fromMs + 2} 10`,
    ])
  })

  it('leave no gap when the holder exits: the other starts after its last sample', async () => {
    await send(a, 'g 1 @1000000')
    await send(b, 'g 2 @1000500')
    await a.election.close()
    clock.nowMs += 1_000
    await b.election.tick()
    await send(b, 'g 3 @1000501')
    assert.deepEqual(stored(b.sidecar).g, ['1000000 1', '1000501 3'])
  })

  it('look for silent series, and accept missing samples, only among their own samples', async () => {
    await send(a, 'g 1 @1000000')
    a.sidecar.clock.nowMs += 600_000
    assert.equal(a.ingester.silentGaps(START_MS + 600_000).length, 1)
    await pass(DURATION_MS, b)
    await pass(2_500, a)
    assert.equal(a.ingester.silentGaps(START_MS + 600_000).length, 0)
    await a.ingester.ingestMissing(batchOf([sample('g 2 @1004000'), sample('g 3 @1014000')]))
    assert.deepEqual(stored(a.sidecar).g, ['1000000 1', '1004000 2'])
  })
})
