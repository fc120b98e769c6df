import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogEntryJson } from '../../../contract/logs.ts'
import { logsBySpan } from './trace-logs.ts'

const entry = (insertId: string, timestamp: string, spanId?: string): LogEntryJson => ({
  logName: 'projects/p/logs/a',
  insertId,
  timestamp,
  receiveTimestamp: timestamp,
  resource: { type: 'global', labels: {} },
  ...(spanId === undefined ? {} : { spanId }),
})

test('entries are grouped by span, oldest first; those of unknown spans separately', () => {
  const entries = [
    entry('3', '2026-01-01T00:00:03Z', 'a'),
    entry('1', '2026-01-01T00:00:01Z', 'a'),
    entry('2', '2026-01-01T00:00:02Z', 'gone'),
    entry('4', '2026-01-01T00:00:04Z'),
  ]
  const { bySpan, count } = logsBySpan(entries, new Set(['a', 'b']))
  assert.equal(count, 4)
  assert.deepEqual(
    [...bySpan].map(([span, list]) => [span, list.map(({ insertId }) => insertId)]),
    [
      ['a', ['1', '3']],
      ['', ['2', '4']],
    ],
  )
})
