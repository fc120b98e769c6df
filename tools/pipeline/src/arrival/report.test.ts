import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXPECTED_TYPES, type ExpectedType } from '../expected-types.ts'
import { progressOf, reportOf, type Stored, tableOf } from './report.ts'

const up: ExpectedType = { type: 'x/up', metricKind: 'GAUGE', valueType: 'DOUBLE' }
const fds: ExpectedType = { type: 'x/fds', metricKind: 'GAUGE', valueType: 'DOUBLE', needsProc: true }
const expected = { types: [up, fds], services: ['flask-app'] }
const storedUp = { ...up, series: 2, points: 5 }
const storedFds = { type: 'x/fds', metricKind: 'GAUGE', valueType: 'DOUBLE', series: 1, points: 1 }
const spans = new Map([['flask-app', 3]])
const complete: Stored = { types: [storedUp, storedFds], spans, rejected: 0 }

const cases: { title: string; stored: Stored; platform?: NodeJS.Platform; missing: RegExp[] }[] = [
  { title: 'all is there', stored: complete, missing: [] },
  { title: 'a type is missing', stored: { ...complete, types: [storedFds] }, missing: [/^x\/up: missing$/] },
  {
    title: 'a type has no point',
    stored: { ...complete, types: [{ ...storedUp, points: 0 }, storedFds] },
    missing: [/^x\/up: has no point$/],
  },
  {
    title: 'a type has another kind',
    stored: { ...complete, types: [{ ...storedUp, metricKind: 'CUMULATIVE' }, storedFds] },
    missing: [/^x\/up: is CUMULATIVE DOUBLE, not GAUGE DOUBLE$/],
  },
  {
    title: 'a type has another value type',
    stored: { ...complete, types: [{ ...storedUp, valueType: 'INT64' }, storedFds] },
    missing: [/^x\/up: is GAUGE INT64, not GAUGE DOUBLE$/],
  },
  { title: 'a service has no span', stored: { ...complete, spans: new Map() }, missing: [/no span of flask-app/] },
  {
    title: 'something was rejected',
    stored: { ...complete, rejected: 2 },
    missing: [/^2 points or spans were rejected$/],
  },
  {
    title: 'one point was rejected',
    stored: { ...complete, rejected: 1 },
    missing: [/^1 point or span was rejected$/],
  },
  {
    title: 'a type from /proc is missing where there is no /proc',
    stored: { ...complete, types: [storedUp] },
    platform: 'darwin',
    missing: [],
  },
  {
    title: 'a type from /proc is missing on Linux',
    stored: { ...complete, types: [storedUp] },
    missing: [/^x\/fds: missing$/],
  },
]

for (const { title, stored, platform = 'linux', missing } of cases) {
  test(`${title}: ${missing.length === 0 ? 'ok' : 'not ok'}`, () => {
    const report = reportOf(stored, expected, { seconds: 1, platform })
    assert.equal(report.ok, missing.length === 0)
    assert.equal(report.missing.length, missing.length)
    for (const [index, pattern] of missing.entries()) assert.match(report.missing[index] ?? '', pattern)
  })
}

test('the report lists every expected type and service, and nothing else', () => {
  const other = { type: 'x/other', metricKind: 'GAUGE', valueType: 'DOUBLE', series: 1, points: 1 }
  const report = reportOf({ ...complete, types: [other, storedUp] }, expected, { seconds: 2.5, platform: 'linux' })
  assert.deepEqual(report.types, [
    { ...storedUp, present: true },
    { type: 'x/fds', metricKind: 'GAUGE', valueType: 'DOUBLE', series: 0, points: 0, present: false },
  ])
  assert.deepEqual(report.traces, [{ service: 'flask-app', spans: 3 }])
  assert.equal(report.seconds, 2.5)
})

test('the progress line counts types and services; the table names what is missing', () => {
  const report = reportOf({ ...complete, types: [storedUp] }, expected, { seconds: 1, platform: 'linux' })
  assert.equal(progressOf(report), '1 of 2 metric types, traces of 1 of 1 services')
  assert.match(tableOf(report), /x\/up +GAUGE +DOUBLE +2 +5\n/)
  assert.match(tableOf(report), /x\/fds +GAUGE +DOUBLE +- +missing\n/)
})

test('where the table does not fit the terminal, the prefix of the types is in the heading alone', () => {
  const types = EXPECTED_TYPES.map((type) => ({ ...type, series: 10, points: 10_000 }))
  const all = { types: EXPECTED_TYPES, services: ['flask-app'] }
  const report = reportOf({ types, spans, rejected: 0 }, all, { seconds: 1, platform: 'linux' })
  const lines = tableOf(report, 80).split('\n')
  assert.equal(lines[0], 'metric types below external.googleapis.com/prometheus/')
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  )
  assert.match(tableOf(report, 200), /^external\.googleapis\.com\/prometheus\/up /m)
})
