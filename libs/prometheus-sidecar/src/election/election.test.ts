import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { MemoryLease } from '../../test/testing/election/memory-lease.ts'
import { type Candidate, Election } from './election.ts'

const DURATION_MS = 15_000
const WRITE_AHEAD_MS = 5_000
const START_MS = 1_000_000

class Rival implements Candidate {
  readonly election: Election
  readonly terms: number[] = []
  idle = true
  unsettledMs: number | undefined
  takenMs = Number.NaN
  leftMs = Number.NEGATIVE_INFINITY

  constructor(
    store: MemoryLease,
    identity: string,
    clock: { nowMs: number },
    options: { readonly savedTermMs?: number; readonly aheadMs?: number } = {},
  ) {
    const { savedTermMs, aheadMs = 0 } = options
    this.election = new Election({
      store,
      identity,
      durationMs: DURATION_MS,
      savedTermMs,
      log: { info() {}, warn() {} },
      nowMs: () => clock.nowMs,
      wallNowMs: () => clock.nowMs + aheadMs,
    })
    this.election.start(this)
  }

  isIdle(): boolean {
    return this.idle
  }

  unsettledSinceMs(): number | undefined {
    return this.unsettledMs
  }

  newestAcceptedMs(): number {
    return this.takenMs
  }

  newestLeftMs(): number {
    return this.leftMs
  }

  startTerm(writesFromMs: number): void {
    this.terms.push(writesFromMs)
    this.takenMs = writesFromMs
  }
}

describe('an election', () => {
  let clock: { nowMs: number }
  let store: MemoryLease
  let a: Rival
  let b: Rival

  beforeEach(async () => {
    clock = { nowMs: START_MS }
    store = new MemoryLease()
    a = new Rival(store, 'a', clock)
    await a.election.tick()
    b = new Rival(store, 'b', clock)
    await b.election.tick()
  })

  /** Lets time pass, in the steps in which they check the lease. */
  async function pass(ms: number, ...alive: readonly Rival[]): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 2_500) {
      clock.nowMs += 2_500
      for (const rival of alive) await rival.election.tick()
    }
  }

  it('gives all samples to the first, and the others learn of it', () => {
    assert.deepEqual([a.election.isLeader, b.election.isLeader, b.election.holder], [true, false, 'a'])
    assert.deepEqual(a.election.own, { fromMs: 0, untilMs: START_MS + WRITE_AHEAD_MS })
    assert.equal(b.election.decidedUntilMs, START_MS + WRITE_AHEAD_MS)
    assert.deepEqual(a.terms, [0])
  })

  it('stays with the holder as long as it renews', async () => {
    await pass(60_000, a, b)
    assert.deepEqual([a.election.isLeader, b.election.isLeader], [true, false])
    assert.deepEqual(a.election.own, { fromMs: 0, untilMs: clock.nowMs + WRITE_AHEAD_MS })
    assert.equal(b.election.decidedUntilMs, clock.nowMs + WRITE_AHEAD_MS)
    assert.equal(store.record?.transitions, 0)
  })

  it('passes to another one when the holder is gone, from the time up to which the holder may have written', async () => {
    await pass(30_000, a, b)
    const { untilMs } = a.election.own
    await pass(DURATION_MS - 2_500, b)
    assert.equal(b.election.isLeader, false)
    await pass(2_500, b)
    assert.equal(b.election.isLeader, true)
    assert.equal(b.election.own.fromMs, untilMs)
    assert.ok(b.election.own.untilMs > clock.nowMs)
    assert.deepEqual(b.terms, [untilMs])
    assert.equal(store.record?.transitions, 1)
  })

  it('leaves a holder that was suspended only the samples of its own term', async () => {
    await pass(30_000, a, b)
    await pass(60_000, b)
    const before = a.election.own
    await a.election.tick()
    assert.equal(a.election.isLeader, false)
    assert.deepEqual(a.election.own, before)
    assert.ok(a.election.own.untilMs <= b.election.own.fromMs)
    assert.equal(a.election.decidedUntilMs, b.election.own.untilMs)
  })

  for (const [what, leftBeforeMs] of [
    ['the newest sample it accepted', 2_000],
    ['the newest sample left to it, if that is later', 500],
  ] as const) {
    it(`passes on immediately when the holder exits, from ${what}`, async () => {
      await pass(30_000, a, b)
      a.takenMs = clock.nowMs - 1_234
      b.leftMs = clock.nowMs - leftBeforeMs
      await a.election.close()
      await b.election.tick()
      assert.equal(b.election.isLeader, true)
      assert.equal(b.election.own.fromMs, clock.nowMs - Math.min(1_234, leftBeforeMs))
    })
  }

  it('continues the term when the holder restarts with its state, and starts a new one without it', async () => {
    await pass(30_000, a, b)
    const restarted = new Rival(store, 'a', clock, { savedTermMs: 0 })
    await restarted.election.tick()
    assert.deepEqual([restarted.election.isLeader, restarted.election.own.fromMs, restarted.terms], [true, 0, []])
    const { untilMs } = restarted.election.own
    const empty = new Rival(store, 'a', clock)
    await empty.election.tick()
    assert.deepEqual([empty.election.isLeader, empty.election.own.fromMs, empty.terms], [true, untilMs, [untilMs]])
  })

  it('is released by a restarted holder with everything that its previous process may have written', async () => {
    const restarted = new Rival(store, 'a', clock, { savedTermMs: 0 })
    await restarted.election.tick()
    await restarted.election.close()
    assert.equal(store.record?.writesUntilMs, START_MS + WRITE_AHEAD_MS)
  })

  it('does not let a holder that can’t write keep samples from the others', async () => {
    a.unsettledMs = clock.nowMs
    await pass(600_000, a, b)
    assert.equal(a.election.isLeader, true)
    assert.equal(a.election.own.untilMs, START_MS + WRITE_AHEAD_MS)
    await pass(DURATION_MS, b)
    assert.equal(b.election.own.fromMs, START_MS + WRITE_AHEAD_MS)
  })

  it('starts no new term until the points of an earlier one are written', async () => {
    b.idle = false
    await pass(60_000, b)
    assert.equal(b.election.isLeader, false)
    b.idle = true
    await pass(2_500, b)
    assert.equal(b.election.isLeader, true)
  })

  it('decides nothing while the lease can’t be reached, and reports that', async () => {
    const { decidedUntilMs } = a.election
    store.fate = 'down'
    await pass(60_000, a, b)
    assert.match(a.election.problem ?? '', /memory can't be read or renewed: no route/)
    assert.deepEqual(
      [a.election.isLeader, b.election.isLeader, a.election.decidedUntilMs],
      [true, false, decidedUntilMs],
    )
    store.fate = 'ok'
    await pass(2_500, a, b)
    assert.deepEqual([a.election.isLeader, a.election.problem, a.election.own.fromMs], [true, undefined, 0])
  })

  it('assumes no more than it was told', async () => {
    store.fate = 'lost'
    await pass(2_500, a)
    const { untilMs } = a.election.own
    assert.ok(untilMs < (store.record?.writesUntilMs ?? 0))
    store.fate = 'ok'
    await pass(DURATION_MS, b)
    assert.ok(b.election.own.fromMs >= (store.record?.writesFromMs ?? 0) && b.election.own.fromMs > untilMs)
  })

  it('ends waiting as soon as there is a decision', async () => {
    clock.nowMs += 2_500
    const changed = b.election.change(3_600_000)
    await a.election.tick()
    await b.election.tick()
    await changed
    assert.equal(b.election.decidedUntilMs, clock.nowMs + WRITE_AHEAD_MS)
  })

  for (const aheadMs of [-60_000, 60_000]) {
    it(`divides samples without overlap or gap if a clock is ${aheadMs / 1000} s ahead`, async () => {
      const other = new Rival(store, 'c', clock, { aheadMs })
      await pass(30_000, a, other)
      const { untilMs } = a.election.own
      await pass(30_000, other)
      assert.equal(other.election.isLeader, true)
      assert.equal(other.election.own.fromMs, untilMs)
    })
  }

  it('never gives a sample to two sidecars, whichever of them is suspended or restarted', async () => {
    let seed = 42
    const below = (limit: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return Math.floor((seed / 2 ** 31) * limit)
    }
    const rivals = [a, b, new Rival(store, 'c', clock)]
    const terms = new Map<number, { who: number; untilMs: number }>()
    for (let step = 0; step < 5_000; step++) {
      clock.nowMs += below(4_000)
      store.fate = (['ok', 'ok', 'ok', 'ok', 'down', 'lost'] as const)[below(6)] ?? 'ok'
      const who = below(3)
      const rival = rivals[who]
      if (rival === undefined) continue
      rival.takenMs = Math.min(rival.election.own.untilMs, clock.nowMs)
      rival.leftMs = Math.max(rival.leftMs, Math.min(rival.election.decidedUntilMs, clock.nowMs))
      if (below(200) === 0) clock.nowMs += 60_000
      await rival.election.tick()
      const { fromMs, untilMs } = rival.election.own
      if (!(untilMs > fromMs)) continue
      const term = terms.get(fromMs)
      assert.ok(term === undefined || term.who === who, `two terms start at ${fromMs}`)
      terms.set(fromMs, { who, untilMs: Math.max(untilMs, term?.untilMs ?? 0) })
    }
    const sorted = [...terms].sort(([x], [y]) => x - y)
    assert.ok(sorted.length > 10, `${sorted.length} terms`)
    for (const [index, [fromMs]] of sorted.entries()) {
      const before = sorted[index - 1]
      if (before !== undefined) assert.ok(before[1].untilMs <= fromMs, `${before[1].untilMs} > ${fromMs}`)
    }
  })
})
