import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../test/testing/seeded-random.ts'
import type { HistogramPart } from '../../convert/histogram.ts'
import { type AssembledHistogram, HistogramAssembly, type Member } from './histogram-assembly.ts'

const OPTIONS = { learningPeriodMs: 100, maxWaitMs: 1000, maxWaitingParts: 1000 }
const STALE = Number.NaN

const COUNT = { role: 'count', bound: Number.NaN } as const
const SUM = { role: 'sum', bound: Number.NaN } as const
const bucket = (bound: number) => ({ role: 'bucket', bound }) as const
const PARTS: readonly HistogramPart[] = [bucket(1), bucket(2), bucket(Number.POSITIVE_INFINITY), COUNT, SUM]

/** A histogram whose members were known before. */
function known(options = OPTIONS) {
  const assembly = new HistogramAssembly<HistogramPart>(options)
  const members = PARTS.map((part) => assembly.join('h', part, { settledMs: 0, nowMs: 0 }))
  return { assembly, members, histogram: first(members).histogram }
}

function first<Item>(items: readonly Item[]): Item {
  const [item] = items
  assert.ok(item !== undefined)
  return item
}

const summary = (assembled: readonly AssembledHistogram<HistogramPart>[]) =>
  assembled.map(({ timestampMs, values, missing }) => [
    timestampMs,
    values.filter((value) => !Number.isNaN(value)).length,
    missing.length,
  ])

test('emits a time once each known member has it', () => {
  const { assembly, members, histogram } = known()
  for (const [index, member] of members.entries()) {
    assert.deepEqual(assembly.complete(histogram, 0), [])
    assert.equal(assembly.accept(member, 10, index, 0), 'accepted')
  }
  const [assembled] = assembly.complete(histogram, 0)
  assert.equal(assembled?.timestampMs, 10)
  assert.deepEqual(assembled?.values, [0, 1, 2, 3, 4])
  assert.deepEqual(assembled?.members, members)
  assert.equal(assembly.waitingParts, 0)
})

test('does not wait for a member that is ahead, or stale', () => {
  const { assembly, members, histogram } = known()
  const [a, b, ...others] = members
  assert.ok(a !== undefined && b !== undefined)
  for (const member of others) assembly.accept(member, 10, 1, 0)
  assembly.accept(a, 20, 1, 0)
  assert.deepEqual(assembly.complete(histogram, 0), [])
  assembly.accept(b, 5, STALE, 0)
  assert.deepEqual(summary(assembly.complete(histogram, 0)), [[10, 3, 0]])
})

test('waits for a stale member again from its next sample', () => {
  const { assembly, members, histogram } = known()
  const [a, ...others] = members
  assert.ok(a !== undefined)
  assembly.accept(a, 5, STALE, 0)
  assembly.accept(a, 10, 1, 0)
  for (const member of others) assembly.accept(member, 10, 1, 0)
  for (const member of others) assembly.accept(member, 20, 1, 0)
  assert.deepEqual(summary(assembly.complete(histogram, 0)), [[10, 5, 0]])
  assembly.accept(a, 20, 1, 0)
  assert.deepEqual(summary(assembly.complete(histogram, 0)), [[20, 5, 0]])
})

test('learns the members of a new histogram before emitting anything', () => {
  const assembly = new HistogramAssembly<HistogramPart>(OPTIONS)
  const join = (part: HistogramPart, nowMs: number) => assembly.join('h', part, { settledMs: Number.NaN, nowMs })
  const early = PARTS.slice(1).map((part) => join(part, 0))
  for (const member of early) assembly.accept(member, 10, 1, 0)
  assert.deepEqual(assembly.due(99), [])
  const late = join(bucket(1), 99)
  assert.deepEqual(assembly.due(150), [])
  assembly.accept(late, 10, 1, 150)
  assert.deepEqual(summary(assembly.due(199)), [[10, 5, 0]])
})

test('extends the learning period while senders are held up, and ends it on request', () => {
  const assembly = new HistogramAssembly<HistogramPart>(OPTIONS)
  const members = PARTS.map((part) => assembly.join('h', part, { settledMs: Number.NaN, nowMs: 0 }))
  for (const member of members) assembly.accept(member, 10, 1, 0)
  assembly.holdUp(90)
  assert.deepEqual(assembly.due(180), [])
  assembly.endLearning(first(members).histogram)
  assert.deepEqual(summary(assembly.due(181)), [[10, 5, 0]])
})

test('learns until every sender has reached the time, but not longer than the maximum wait', () => {
  for (const lag of [0, 1]) {
    const assembly = new HistogramAssembly<HistogramPart>(OPTIONS)
    const members = PARTS.map((part) => assembly.join('h', part, { settledMs: Number.NaN, nowMs: 0 }))
    for (const member of members) assembly.accept(member, 10, 1, 0)
    for (let nowMs = 0; nowMs < 1000; nowMs += 50) {
      assembly.noteBatch(500, nowMs)
      assembly.noteBatch(10 - lag, nowMs)
      assert.deepEqual(summary(assembly.due(nowMs)), lag === 0 && nowMs === 100 ? [[10, 5, 0]] : [], `${lag} ${nowMs}`)
    }
    assert.deepEqual(summary(assembly.due(1000)), lag === 0 ? [] : [[10, 5, 0]])
  }
})

test('gives up a member that does not come within the maximum wait', () => {
  const { assembly, members, histogram } = known()
  const [a, ...others] = members
  assert.ok(a !== undefined)
  for (const member of others) assembly.accept(member, 10, 1, 0)
  for (const member of others) assembly.accept(member, 20, 1, 500)
  assert.deepEqual(assembly.due(999), [])
  assert.deepEqual(summary(assembly.due(1000)), [
    [10, 4, 1],
    [20, 4, 0],
  ])
  assert.equal(assembly.accept(a, 10, 1, 1001), 'late')
  assert.equal(assembly.accept(a, 30, 1, 1001), 'accepted')
  for (const member of others) assembly.accept(member, 30, 1, 1001)
  assert.deepEqual(summary(assembly.complete(histogram, 1001)), [[30, 5, 0]])
})

test('recognizes a sample that is resent', () => {
  const { assembly, members, histogram } = known()
  for (const member of members) assembly.accept(member, 10, 1, 0)
  assert.equal(assembly.accept(first(members), 10, 1, 0), 'repeated')
  assembly.complete(histogram, 0)
  assert.equal(assembly.accept(first(members), 10, 1, 0), 'repeated')
})

test('when full, rejects new times but accepts the parts that complete one', () => {
  const { assembly, members, histogram } = known({ ...OPTIONS, maxWaitingParts: 4 })
  const [a, ...others] = members
  assert.ok(a !== undefined)
  for (const member of others) assert.equal(assembly.accept(member, 10, 1, 0), 'accepted')
  assert.equal(assembly.accept(first(others), 20, 1, 0), 'full')
  assert.equal(assembly.accept(a, 10, 1, 0), 'accepted')
  assert.deepEqual(summary(assembly.complete(histogram, 0)), [[10, 5, 0]])
  assert.equal(assembly.accept(first(others), 20, 1, 0), 'accepted')
})

test('forgets a series and its waiting parts', () => {
  const { assembly, members, histogram } = known()
  const [a, ...others] = members
  assert.ok(a !== undefined)
  assembly.accept(a, 10, 1, 0)
  for (const member of others) assembly.accept(member, 10, 1, 0)
  assembly.leave(a)
  assert.equal(assembly.waitingParts, 4)
  assert.deepEqual(summary(assembly.complete(histogram, 0)), [[10, 4, 0]])
})

test('members and their values are in the order of their bounds, whenever members join or leave', () => {
  const assembly = new HistogramAssembly<HistogramPart>(OPTIONS)
  const join = (part: HistogramPart) => assembly.join('h', part, { settledMs: 0, nowMs: 0 })
  const [sum, four, two] = [join(SUM), join(bucket(4)), join(bucket(2))]
  assembly.accept(four, 10, 4, 0)
  assembly.accept(two, 10, 2, 0)
  const [count, one] = [join(COUNT), join(bucket(1))]
  assembly.accept(one, 10, 1, 0)
  assembly.accept(count, 10, 7, 0)
  assembly.leave(two)
  assembly.accept(sum, 10, 8, 0)
  const [assembled] = assembly.complete(sum.histogram, 0)
  assert.deepEqual(
    assembled?.members.map(({ part }) => part),
    [bucket(1), bucket(4), COUNT, SUM],
  )
  assert.deepEqual(assembled?.values, [1, 4, 7, 8])
  assert.equal(assembly.waitingParts, 0)
})

test('emits the same for any order of series', () => {
  const times = [10, 20, 30, 40, 50]
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed)
    const { assembly, members, histogram } = known()
    const queues = members.map((member) => ({ member, times: [...times] }))
    const given: AssembledHistogram<HistogramPart>[] = []
    while (queues.some((queue) => queue.times.length > 0)) {
      const queue = random.pick(queues)
      const time = queue.times.shift()
      if (time === undefined) continue
      assembly.accept(queue.member as Member<HistogramPart>, time, time, 0)
      given.push(...assembly.complete(histogram, 0))
    }
    assert.deepEqual(
      summary(given),
      times.map((time) => [time, 5, 0]),
      `seed ${seed}`,
    )
  }
})

test('reports that a part was lost if its member has samples before and after the time, but none at it', () => {
  const { assembly, members, histogram } = known()
  const [a, ...others] = members
  assert.ok(a !== undefined)
  assembly.accept(a, 10, 1, 0)
  for (const member of others) for (const time of [10, 20]) assembly.accept(member, time, 1, 0)
  assembly.accept(a, 30, 1, 0)
  assert.deepEqual(
    assembly.complete(histogram, 0).map(({ timestampMs, incomplete }) => [timestampMs, incomplete]),
    [
      [10, false],
      [20, true],
    ],
  )
})

test('gives up no time while senders are held up', () => {
  const { assembly, members } = known()
  assembly.accept(first(members), 10, 1, 0)
  assembly.holdUp(900)
  assert.deepEqual(assembly.due(1_000), [])
  assert.deepEqual(summary(assembly.due(1_900)), [[10, 1, 4]])
})
