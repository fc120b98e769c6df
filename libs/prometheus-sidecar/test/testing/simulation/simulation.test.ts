import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { WatchedSeries } from '../../../src/model/audit-trail.ts'
import type { StoredPoint } from '../stored-points.ts'
import { type PassTime, shrink, simulate } from './simulation.ts'

const SCHEDULES = Number(process.env.SCHEDULES ?? 100)
/** The first schedule: the same each time, so that a failure is due to a change. Others are run by hand. */
const FIRST_SEED = Number(process.env.SEED ?? 1)
/** A schedule in which nothing happens while the first audit runs. */
const SCHEDULE_WITHOUT_FAULTS = 3
/** Schedules that used to lose samples, each for another reason. */
const ONCE_FAILED = [
  40078, 40112, 40227, 1901008, 1901122, 1901134, 1901303, 7001517, 7001615, 7001664, 7002046, 8001384, 8002252,
  8003313, 8003422, 9000018, 10001925, 3437740910,
]

test('each sample is stored once, whatever the schedule of faults', async (context) => {
  const passTime = timeOf(context)
  context.diagnostic(`SEED=${FIRST_SEED} SCHEDULES=${SCHEDULES}`)
  const seeds = Array.from({ length: SCHEDULES }, (_, schedule) => FIRST_SEED + schedule)
  let expected = 0
  let audited = 0
  for (const seed of [...ONCE_FAILED, ...seeds]) {
    const outcome = await simulate(seed, passTime)
    expected += outcome.expected
    audited += outcome.audited
    if (outcome.problems.length > 0) {
      const { problems, log } = await shrink(seed, passTime)
      assert.fail(`SEED=${seed} SCHEDULES=1, with fewer faults:\n${[...log, ...problems.slice(0, 20)].join('\n')}`)
    }
  }
  context.diagnostic(`${expected} samples, ${audited} of them in the sidecar’s own audits`)
  assert.ok(audited > expected / 10)
  assert.ok(expected > seeds.length * 100)
})

for (const version of [1, 2] as const) {
  for (const format of ['external', 'gmp'] as const) {
    if (version === 1 && format === 'external') continue
    test(`also with remote_write ${version}.0 in format ${format}`, async (context) => {
      const passTime = timeOf(context)
      const seeds = Array.from({ length: Math.ceil(SCHEDULES / 4) }, (_, schedule) => FIRST_SEED + schedule)
      let expected = 0
      for (const seed of [...ONCE_FAILED, ...seeds]) {
        const outcome = await simulate(seed, passTime, {}, { version, format })
        expected += outcome.expected
        const again = `SEED=${seed} SCHEDULES=1, remote_write ${version}.0 in format ${format}`
        assert.deepEqual(outcome.problems.slice(0, 20), [], `${again}\n${outcome.log.join('\n')}`)
      }
      assert.ok(expected > seeds.length * 100)
    })
  }
}

test('also while the clocks of the sidecar and of Prometheus are set', async (context) => {
  const passTime = timeOf(context)
  const protocol = { version: 2, format: 'gmp', setsClocks: true } as const
  const seeds = Array.from({ length: Math.ceil(SCHEDULES / 2) }, (_, schedule) => FIRST_SEED + schedule)
  for (const seed of seeds) {
    const { problems, log } = await simulate(seed, passTime, {}, protocol)
    assert.deepEqual(problems.slice(0, 20), [], `SEED=${seed} SCHEDULES=1, with clocks set\n${log.join('\n')}`)
  }
})

test('the comparison finds a point that was not stored and one that was stored twice', async (context) => {
  const stored = (points: readonly StoredPoint[]) => {
    const gauges = points.filter(({ metricKind }) => metricKind === 'GAUGE')
    const [dropped, doubled] = [gauges[10], gauges[20]]
    assert.ok(dropped !== undefined && doubled !== undefined)
    return [...points.filter((point) => point !== dropped), doubled]
  }
  const { problems } = await simulate(1, timeOf(context), { stored })
  assert.equal(problems.length, 2, problems.join('\n'))
})

test('the sidecar’s own audit finds a point that was not stored and one that was stored twice', async (context) => {
  let tampered = 0
  const watched = ([first, second]: readonly WatchedSeries[]) => {
    if (first === undefined || second === undefined || tampered > 0) return
    tampered = 2
    const [drop, double] = [first.trail.settled.bind(first.trail), second.trail.settled.bind(second.trail)]
    let [droppedAt, doubledAt] = [3, 3]
    first.trail.settled = (timestampMs, point) => {
      droppedAt -= 1
      if (droppedAt !== 0) drop(timestampMs, point)
    }
    second.trail.settled = (timestampMs, point) => {
      double(timestampMs, point)
      doubledAt -= 1
      if (doubledAt === 0) double(timestampMs, point)
    }
  }
  const { differences, problems } = await simulate(SCHEDULE_WITHOUT_FAULTS, timeOf(context), { watched })
  assert.deepEqual(problems, [])
  assert.equal(tampered, 2)
  assert.equal(differences, 2)
})

test('a failing schedule is reduced to the faults that it needs', async (context) => {
  const seed = 7
  const whole = await simulate(seed, timeOf(context))
  assert.ok(whole.faultSteps.length > 5)
  const stored = (points: readonly StoredPoint[]) => points.filter(({ metricKind }) => metricKind !== 'GAUGE')
  const shortest = await shrink(seed, timeOf(context), { stored })
  assert.ok(shortest.problems.length > 0)
  assert.deepEqual(shortest.faultSteps, [], 'gauges are missing without any fault')
})

/** Timers that run only when time passes; everything that they start has then finished. */
function timeOf(context: TestContext): PassTime {
  context.mock.timers.reset()
  const turn = setImmediate
  context.mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'setInterval'] })
  return async (ms, { stepMs }) => {
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      context.mock.timers.tick(stepMs)
      await new Promise<void>((resolve) => turn(resolve))
    }
  }
}
