import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Liveness } from './liveness.ts'

const NONE = { unresponsive: [], stuck: [] }

for (const { timeoutSeconds, unresponsiveAt, stuckAt } of [
  { timeoutSeconds: 30, unresponsiveAt: 5, stuckAt: 30 },
  { timeoutSeconds: 4, unresponsiveAt: 2, stuckAt: 4 },
  { timeoutSeconds: 0.1, unresponsiveAt: undefined, stuckAt: 1 },
  { timeoutSeconds: 0, unresponsiveAt: 5, stuckAt: undefined },
]) {
  test(`with a timeout of ${timeoutSeconds} s a silent worker is unresponsive at ${unresponsiveAt} and stuck at ${stuckAt}`, () => {
    const liveness = new Liveness(timeoutSeconds)
    const seen: { unresponsive?: number; stuck?: number } = {}
    for (let second = 1; second <= 60 && seen.stuck === undefined; second++) {
      liveness.recordPulse(2)
      const { unresponsive, stuck } = liveness.check([1, 2])
      if (unresponsive.length > 0) {
        assert.deepEqual(unresponsive, [1])
        assert.equal(seen.unresponsive, undefined, 'it is reported once')
        assert.equal(liveness.unresponsiveCount, 1)
        seen.unresponsive = second
      }
      if (stuck.includes(1)) seen.stuck = second
    }
    assert.deepEqual(seen, {
      ...(unresponsiveAt === undefined ? {} : { unresponsive: unresponsiveAt }),
      ...(stuckAt === undefined ? {} : { stuck: stuckAt }),
    })
  })
}

test('a worker that recovers in time is neither, and it is reported how long it was silent', () => {
  const liveness = new Liveness(30)
  for (let second = 0; second < 7; second++) liveness.check([1])
  assert.equal(liveness.recordPulse(1), 7)
  assert.equal(liveness.recordPulse(1), 0)
  assert.equal(liveness.unresponsiveCount, 0)
  assert.deepEqual(liveness.check([1]), NONE)
  assert.equal(liveness.recordPulse(1), 0)
})

test('a worker that has exited is forgotten', () => {
  const liveness = new Liveness(30)
  for (let second = 0; second < 7; second++) liveness.check([1])
  liveness.forget(1)
  assert.equal(liveness.unresponsiveCount, 0)
})
