import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { seedFromEnvironment } from '../testing/seeded-random.ts'
import { type PassTime, simulate } from './simulation.ts'

const SCHEDULES = Number(process.env.SCHEDULES ?? 100)

test('each sample is stored once, whatever schedule of faults is played', async (context) => {
  const passTime = timeOf(context)
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed} SCHEDULES=${SCHEDULES}`)
  let expected = 0
  for (let schedule = 0; schedule < SCHEDULES; schedule++) {
    const outcome = await simulate(seed + schedule, passTime)
    expected += outcome.expected
    assert.deepEqual(
      outcome.problems.slice(0, 20),
      [],
      `SEED=${seed + schedule} SCHEDULES=1\n${outcome.log.join('\n')}`,
    )
  }
  context.diagnostic(`${expected} samples in ${SCHEDULES} schedules`)
  assert.ok(expected > SCHEDULES * 100)
})

test('the comparison shows a point that was not stored and one that was stored twice', async (context) => {
  const { problems } = await simulate(1, timeOf(context), (stored) => {
    const gauges = stored.filter(({ metricKind }) => metricKind === 'GAUGE')
    const [dropped, doubled] = [gauges[10], gauges[20]]
    assert.ok(dropped !== undefined && doubled !== undefined)
    return [...stored.filter((point) => point !== dropped), doubled]
  })
  assert.equal(problems.length, 2, problems.join('\n'))
})

/** Timers that run only when time passes; all that they start has then been done. */
function timeOf(context: TestContext): PassTime {
  const turn = setImmediate
  context.mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'setInterval'] })
  return async (ms, { stepMs }) => {
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      context.mock.timers.tick(stepMs)
      await new Promise<void>((resolve) => turn(resolve))
    }
  }
}
