import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Refusal, RefusalLog } from './refusal-log.ts'

const refusal = (reason: string, project = 'p', points = 1): Refusal => ({
  project,
  reason,
  status: 'INVALID_ARGUMENT',
  message: reason,
  points,
})

test('the newest come first, of one project, after an id', () => {
  const log = new RefusalLog()
  for (const [index, reason] of ['a', 'b', 'c'].entries()) log.add(refusal(reason), index)
  log.add(refusal('other', 'q'), 3)
  assert.deepEqual(
    log.newest({ project: 'p', limit: 2 }).map(({ reason }) => reason),
    ['c', 'b'],
  )
  assert.deepEqual(
    log.newest({ project: 'p', limit: 10, after: 2 }).map(({ id, reason, code }) => [id, reason, code]),
    [[3, 'c', 3]],
  )
  assert.equal(log.lastId, 4)
})

test('only the newest are kept, and all are counted', () => {
  const log = new RefusalLog(10)
  for (let index = 0; index < 100; index++) log.add(refusal(index % 4 === 0 ? 'order' : 'rate', 'p', 2), index)
  assert.ok(log.newest({ project: 'p', limit: 1000 }).length <= 12)
  assert.deepEqual(
    log.byReason('p').map(({ reason, points, lastMs }) => [reason, points, lastMs]),
    [
      ['rate', 150, 99],
      ['order', 50, 96],
    ],
  )
  assert.deepEqual(log.byReason('nobody'), [])
})
