import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seedFromEnvironment } from '../testing/seeded-random.ts'
import { type PassTime, simulate } from './simulation.ts'

const SCHEDULES = Number(process.env.SCHEDULES ?? 100)

test('each sample is stored once, whatever schedule of faults is played', async (context) => {
  const turn = setImmediate
  context.mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'setInterval'] })
  const passTime: PassTime = async (ms, { stepMs }) => {
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      context.mock.timers.tick(stepMs)
      await new Promise<void>((resolve) => turn(resolve))
    }
  }
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
