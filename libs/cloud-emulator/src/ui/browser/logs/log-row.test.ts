import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { LogEntryJson } from '../../../contract/logs.ts'
import { logKey, logRow } from './log-row.ts'
import { logsBySpan, spanLogs } from './trace-logs.ts'

const TIMESTAMP = '2026-01-02T03:04:05.678Z'
const START_MS = Date.parse(TIMESTAMP)
const ENTRY: LogEntryJson = {
  logName: 'projects/p/logs/app',
  insertId: '1',
  timestamp: TIMESTAMP,
  receiveTimestamp: TIMESTAMP,
  resource: { type: 'global', labels: {} },
  textPayload: 'hello',
}
const clock = formatDateTime(START_MS).slice(11)

describe('an entry as a row', () => {
  test('has its time of day, severity, source and text', () => {
    assert.equal(textOf(logRow(ENTRY)), `${clock}DEFAULTapphello`)
    const failed = logRow({ ...ENTRY, severity: 'ERROR' }, { timeText: '+5 ms' })
    assert.equal(textOf(failed), '+5 msERRORapphello')
    assert.match(markupOf(failed), /data-severity=ERROR/)
  })
  test('is identified by time, ID and log', () => {
    const keys = [ENTRY, { ...ENTRY, insertId: '2' }, { ...ENTRY, logName: 'projects/p/logs/b' }].map(logKey)
    assert.equal(new Set(keys).size, 3)
  })
})

test('the lines of a span have the time since the start of the trace, and are limited to fifty', () => {
  const entries = Array.from({ length: 1060 }, (_, index) => ({ ...ENTRY, insertId: `${index}`, spanId: 'a' }))
  const { bySpan, count } = logsBySpan(entries, new Set(['a']))
  assert.equal(count, 1060)
  const text = textOf(spanLogs(bySpan.get('a') ?? [], START_MS - 1500))
  assert.match(text, /^\+1\.5 sDEFAULTapphello \+1\.5 s/)
  assert.match(text, /1,010 more lines$/)
  assert.equal(text.match(/hello/g)?.length, 50)
})
