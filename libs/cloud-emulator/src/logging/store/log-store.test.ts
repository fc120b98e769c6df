import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bytesOfEntry, type LogEntry } from '../model/log-entry.ts'
import { compileQuery } from '../query/compile-query.ts'
import { type EntryPosition, findEntries } from './find-entries.ts'
import { LogStore } from './log-store.ts'

const HOUR_MICROS = 3600e6

function entry(seconds: number, changes: Partial<LogEntry> = {}): LogEntry {
  return {
    logName: 'projects/p/logs/a',
    resource: { type: 'global', labels: {} },
    time: { micros: seconds * 1e6, restNanos: 0 },
    receiveMicros: seconds * 1e6,
    severity: 200,
    insertId: String(seconds),
    labels: {},
    trace: '',
    spanId: '',
    traceSampled: false,
    textPayload: 'text',
    ...changes,
  }
}

const store = (maxBytes = 1e9): LogStore => new LogStore({ maxBytes, retentionMicros: HOUR_MICROS })
const secondsOf = (entries: readonly LogEntry[]): number[] => entries.map(({ time }) => time.micros / 1e6)
const ENTRY_BYTES = bytesOfEntry(entry(1))

describe('bounds', () => {
  test('by bytes: the first ones are evicted, whichever project they belong to', () => {
    const logs = store(1000 * ENTRY_BYTES)
    for (let second = 1; second <= 3000; second++) logs.add(second % 2 === 0 ? 'even' : 'odd', [entry(second)])
    assert.ok(logs.byteLength <= 1000 * ENTRY_BYTES)
    assert.ok(logs.entryCount > 900, String(logs.entryCount))
    assert.equal(logs.evictedEntries, 3000 - logs.entryCount)
    const found = findEntries(logs, {
      projectIds: ['even', 'odd'],
      query: compileQuery(''),
      newestFirst: true,
      limit: 5,
    })
    assert.deepEqual(secondsOf(found.entries), [3000, 2999, 2998, 2997, 2996])
  })

  test('by age: chunks with only entries that are too old', () => {
    const logs = store()
    logs.add('p', [entry(1)])
    logs.sweep(HOUR_MICROS + 0.5e6)
    assert.equal(logs.entryCount, 1)
    logs.sweep(HOUR_MICROS + 1e6)
    assert.deepEqual([logs.entryCount, logs.byteLength, logs.evictedEntries], [0, 0, 1])
  })

  test('projects', () => {
    const logs = store()
    for (let index = 0; index < 1000; index++) logs.add(`p${index}`, [entry(1)])
    assert.throws(() => logs.add('more', [entry(1)]), /already has 1000 projects/)
  })
})

describe('a search over many chunks', () => {
  const logs = store()
  // Late by up to 100 s, like entries of many writers.
  for (let index = 0; index < 20_000; index++) {
    const seconds = 1000 + index - ((index * 7919) % 100)
    const changes = { insertId: String(index), severity: index % 1000 === 0 ? 500 : 200, trace: `t${index % 5000}` }
    logs.add('p', [entry(seconds, changes)])
  }
  const everything = (query: string, newestFirst: boolean, limit: number, maxScanned: number): LogEntry[] => {
    const all: LogEntry[] = []
    let after: EntryPosition | undefined
    for (let pages = 0; pages < 1000; pages++) {
      const page = findEntries(logs, {
        projectIds: ['p'],
        query: compileQuery(query),
        newestFirst,
        limit,
        after,
        maxScanned,
      })
      all.push(...page.entries)
      if (!page.nextPosition) return all
      after = page.nextPosition
    }
    return assert.fail('it does not end')
  }
  for (const newestFirst of [true, false])
    for (const [limit, maxScanned] of [
      [700, 1e9],
      [20_000, 1],
      [333, 1],
    ] as const)
      test(`${newestFirst ? 'newest' : 'oldest'} first, ${limit} per page, ${maxScanned} scanned: all entries, once, in order`, () => {
        const all = everything('', newestFirst, limit, maxScanned)
        assert.equal(all.length, 20_000)
        assert.equal(new Set(all.map(({ insertId }) => insertId)).size, 20_000)
        const seconds = secondsOf(all)
        assert.deepEqual(
          seconds,
          seconds.toSorted((a, b) => (newestFirst ? b - a : a - b)),
        )
      })

  test('by severity and by trace', () => {
    assert.equal(everything('severity>=ERROR', true, 100, 1e9).length, 20)
    assert.equal(everything('trace="projects/p/traces/t17"', true, 100, 1e9).length, 0)
    assert.equal(everything('trace=T17', true, 100, 1e9).length, 4)
  })

  test('scans only chunks that may contain matching entries', () => {
    let looks = 0
    const { bounds } = compileQuery('trace=t17 timestamp>="1970-01-01T05:00:00Z"')
    const matches = (): boolean => {
      looks++
      return true
    }
    findEntries(logs, { projectIds: ['p'], query: { matches, bounds }, newestFirst: true, limit: 1e6 })
    assert.ok(looks < 5000, String(looks))
  })
})
