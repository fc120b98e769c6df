import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DropReason } from '../convert/drop-reason.ts'
import { DropLog } from './drop-log.ts'

function dropLog() {
  const lines: string[] = []
  const clock = { nowMs: 0 }
  const note = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
  const log = new DropLog({ info: note('info'), warn: note('warn') }, () => clock.nowMs)
  const report = (reason: DropReason, count: number) => {
    for (let index = 0; index < count; index++) log.report({ reason, detail: '', labels: () => `m${index}` })
  }
  return { lines, clock, log, report }
}

test('summarizes the first samples of 16,000 counters in one line', () => {
  const { lines, log, report } = dropLog()
  report('first_sample', 16_000)
  log.summarize()
  log.summarize()
  assert.deepEqual(lines, ['info New counters: the first sample of each is its baseline. {"series":16000}'])
})

test('names a few series of each reason a minute, and counts the others', () => {
  const { lines, clock, log, report } = dropLog()
  report('nan', 100)
  report('refused', 1)
  log.summarize()
  assert.deepEqual(lines, [
    'warn A sample was dropped: nan. {"series":"m0","reason":"nan"}',
    'warn A sample was dropped: nan. {"series":"m1","reason":"nan"}',
    'warn A sample was dropped: nan. {"series":"m2","reason":"nan"}',
    'warn A sample was dropped: refused. {"series":"m0","reason":"refused"}',
    'warn Samples of more series were dropped: nan. {"series":97,"reason":"nan"}',
  ])
  clock.nowMs = 60_000
  report('nan', 1)
  assert.equal(lines.length, 6)
})
