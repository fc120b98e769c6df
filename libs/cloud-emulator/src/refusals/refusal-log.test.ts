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

test('of what is too long the beginning is kept, and of projects the newest thousand', () => {
  const log = new RefusalLog()
  const long = 'x'.repeat(5_000_000)
  const labels = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${index}${long.slice(0, 1000)}`, long]))
  const point = { startMs: null, endMs: 1, value: long }
  for (let index = 0; index < 1500; index++) log.add(refusal('order', `p${index}`), index)
  log.add({ ...refusal(''), message: long, metricType: long, metricLabels: labels, span: long, point }, 2000)
  const [kept] = log.newest({ project: 'p', limit: 1 })
  assert.ok(JSON.stringify(kept).length < 25_000)
  assert.match(kept?.message ?? '', /^x{2000}…$/)
  assert.deepEqual(log.byReason('p0'), [])
  assert.equal(log.byReason('p1499').length, 1)
})
