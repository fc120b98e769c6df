import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type NewRefusal, RefusalLog } from './refusal-log.ts'

const refusal = (reason: string, project = 'p', points = 1): NewRefusal => ({
  project,
  reason,
  status: 'INVALID_ARGUMENT',
  message: reason,
  points,
})

test('lists the rejections of one project, newest first, optionally only those after an ID', () => {
  const log = new RefusalLog()
  for (const [index, reason] of ['a', 'b', 'c'].entries()) log.add(refusal(reason), index)
  log.add(refusal('other', 'q'), 3)
  assert.deepEqual(
    log.list({ project: 'p', limit: 2 }).refusals.map(({ reason }) => reason),
    ['c', 'b'],
  )
  assert.deepEqual(
    log.list({ project: 'p', limit: 10, after: 2 }).refusals.map(({ id, reason, code }) => [id, reason, code]),
    [[3, 'c', 3]],
  )
  assert.equal(log.list({ project: 'q', limit: 1 }).refusals[0]?.id, 4)
})

test('keeps only the newest rejections, and counts all of them', () => {
  const log = new RefusalLog(10)
  for (let index = 0; index < 100; index++) log.add(refusal(index % 4 === 0 ? 'order' : 'rate', 'p', 2), index)
  const { refusals, byReason } = log.list({ project: 'p', limit: 1000 })
  assert.ok(refusals.length <= 12)
  assert.deepEqual(
    byReason.map(({ reason, points, lastMs }) => [reason, points, lastMs]),
    [
      ['rate', 150, 99],
      ['order', 50, 96],
    ],
  )
  assert.deepEqual(log.list({ project: 'nobody', limit: 1 }).byReason, [])
})

test('truncates long strings, and keeps the newest thousand projects', () => {
  const log = new RefusalLog()
  const long = 'x'.repeat(5_000_000)
  const labels = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${index}${long.slice(0, 1000)}`, long]))
  const point = { startMs: null, endMs: 1, value: long }
  for (let index = 0; index < 1500; index++) log.add(refusal('order', `p${index}`), index)
  log.add({ ...refusal(''), message: long, metricType: long, metricLabels: labels, span: long, point }, 2000)
  const [kept] = log.list({ project: 'p', limit: 1 }).refusals
  assert.ok(JSON.stringify(kept).length < 25_000)
  assert.match(kept?.message ?? '', /^x{2000}…$/)
  assert.deepEqual(log.list({ project: 'p0', limit: 1 }).byReason, [])
  assert.equal(log.list({ project: 'p1499', limit: 1 }).byReason.length, 1)
})
