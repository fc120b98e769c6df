import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AuditTrail } from '../model/audit-trail.ts'
import { type Comparison, compare, type Differences, type Row } from './compare.ts'

const NONE: Differences = { missing: 0, doubled: 0, unexpected: 0, wrong: 0 }
const of = (cumulative: boolean, more: Partial<Comparison> = {}): Comparison => ({
  cumulative,
  isInteger: false,
  reportsStart: false,
  valuesOf: (value) => [typeof value === 'number' ? value : Number.NaN],
  ...more,
})
const GAUGE = of(false)
const COUNTER = of(true)

/** `time=value …`; with several values: `time=value/value`. */
const rows = (text: string): Row[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((pair) => {
      const [time = '', values = ''] = pair.split('=')
      return { timestampMs: Number(time), values: values.split('/').map(Number) }
    })

/** `time=value`, `start..time=value` or `time=dropped`. */
function trailOf(text: string): AuditTrail {
  const trail = new AuditTrail(0)
  for (const settled of text.split(' ').filter(Boolean)) {
    const [, start, time, value] = /^(?:(\d+)\.\.)?(\d+)=(.*)$/.exec(settled) ?? []
    const point = {
      startMs: start === undefined ? undefined : Number(start),
      endMs: Number(time),
      value: Number(value),
    }
    trail.settled(Number(time), value === 'dropped' ? undefined : point)
  }
  return trail
}

const CASES: readonly [what: string, raw: string, stored: string, Comparison, Partial<Differences>][] = [
  ['a gauge, all stored', '10=1 20=2 30=3', '10=1 20=2 30=3', GAUGE, {}],
  ['one missing', '10=1 20=2 30=3', '10=1 30=3', GAUGE, { missing: 1 }],
  ['the newest missing', '10=1 20=2', '10=1', GAUGE, { missing: 1 }],
  ['one that was dropped and counted', '10=1 20=2 30=3', '10=1 20=dropped 30=3', GAUGE, {}],
  ['one stored twice', '10=1 20=2 30=3', '10=1 20=2 20=2 30=3', GAUGE, { doubled: 1 }],
  ['one stored three times', '10=1 20=2', '10=1 20=2 20=2 20=2', GAUGE, { doubled: 2 }],
  [
    'a baseline that became a point when its start was reported',
    '10=1 20=2',
    '10=dropped 5..10=1 5..20=2',
    COUNTER,
    {},
  ],
  ['one missing and one doubled', '10=1 20=2 30=3', '10=1 30=3 30=3', GAUGE, { missing: 1, doubled: 1 }],
  ['a point without a sample', '10=1 30=3', '10=1 20=2 30=3', GAUGE, { unexpected: 1 }],
  ['samples that the database has lost, or does not have yet', '30=3', '10=1 20=2 30=3 40=4', GAUGE, {}],
  ['another value', '10=1 20=2', '10=1 20=2.5', GAUGE, { wrong: 1 }],
  ['NaN and infinite', '10=NaN 20=Infinity', '10=NaN 20=Infinity', GAUGE, {}],
  ['rounding of an integer', '10=1.6', '10=2', of(false, { isInteger: true }), {}],
  ['a counter', '10=5 20=7 30=12', '1..10=5 1..20=7 1..30=12', COUNTER, {}],
  ['a counter from a baseline', '10=105 20=107 30=112', '9..10=5 9..20=7 9..30=12', COUNTER, {}],
  ['increments counted twice', '10=5 20=7 30=12', '1..10=5 1..20=9 1..30=14', COUNTER, { wrong: 1 }],
  ['an increment lost', '10=5 20=7 30=12', '1..10=5 1..20=7 21..30=3', COUNTER, { wrong: 1 }],
  ['a new interval without a reset', '10=5 20=7 30=12', '1..10=5 11..20=2 11..30=7', COUNTER, {}],
  ['everything counted again in a new interval', '10=5 20=7', '1..10=5 11..20=7', COUNTER, { wrong: 1 }],
  ['a reset', '10=5 20=2 30=4', '1..10=5 19..20=2 19..30=4', COUNTER, {}],
  ['a reset that was missed', '10=5 20=2 30=4', '1..10=5 1..20=2 1..30=4', COUNTER, { wrong: 1 }],
  ['a reset at a dropped sample', '10=5 20=2 30=4', '1..10=5 20=dropped 19..30=4', COUNTER, {}],
  [
    'a reset that shows only in its reported start',
    '10=5 20=7',
    '1..10=5 15..20=7',
    of(true, { reportsStart: true }),
    {},
  ],
  ['several numbers', '10=1/2 20=2/4', '', GAUGE, { missing: 2 }],
]

for (const [what, raw, stored, comparison, expected] of CASES) {
  test(`${what}: ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(compare(rows(raw), trailOf(stored).samples, comparison), { ...NONE, ...expected })
  })
}

test('a histogram whose increments contradict each other counts from zero', () => {
  const histogram = of(true, {
    valuesOf: (value) => (value === 4 ? [4, 6, 9] : [2, 5, 9]),
    contradicts: ([low = 0, middle = 0, high = 0]) => middle < low || high < middle,
  })
  const raw = rows('10=2/5/9 20=4/6/9')
  assert.deepEqual(compare(raw, trailOf('1..10=2 19..20=4').samples, histogram), NONE)
  assert.deepEqual(compare(raw, trailOf('1..10=2 19..20=4').samples, { ...histogram, contradicts: () => false }), {
    ...NONE,
    wrong: 1,
  })
})

test('a sum may fall by itself; together with contradictory increments it shows a reset', () => {
  const comparison = of(true, {
    mayFall: 1,
    valuesOf: (value) => (value === 1 ? [2, 5, 9] : value === 2 ? [4, 7, 8] : [4, 6, 8]),
    contradicts: ([low = 0, high = 0]) => high < low,
  })
  assert.deepEqual(compare(rows('10=2/5/9 20=4/7/8'), trailOf('1..10=1 1..20=2').samples, comparison), NONE)
  assert.deepEqual(compare(rows('10=2/5/9 20=4/6/8'), trailOf('1..10=1 19..20=3').samples, comparison), NONE)
  assert.equal(compare(rows('10=2/5/9 20=4/6/8'), trailOf('1..10=1 1..20=3').samples, comparison).wrong, 1)
})
