import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { seriesJson, TEST_TYPE, type TestSeries } from '../../../test/testing/time-series.ts'
import { newStore, summaryOf, write } from '../../../test/testing/written-store.ts'

const ORDER = (time: string): string =>
  `Points must be written in order. One or more of the points specified had an older ${time} time than the most recent point.`
const RATE =
  'One or more points were written more frequently than the maximum sampling period configured for the metric.'

describe('a point after another', () => {
  const later: [what: string, first: TestSeries, second: TestSeries, expected: string | undefined, code?: number][] = [
    ['a gauge 5 s later', { end: 0 }, { end: 5 }, undefined],
    ['a gauge at the same time', { end: 0 }, { end: 0 }, ORDER('end')],
    ['a gauge before', { end: 0 }, { end: -10 }, ORDER('end')],
    ['a gauge less than 5 s later', { end: 0 }, { end: 4.999 }, RATE, 9],
    [
      'a counter that continues',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: -60, end: 10 },
      undefined,
    ],
    [
      'a counter at the same end',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      ORDER('end'),
    ],
    [
      'a counter with an earlier start',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: -61, end: 10 },
      ORDER('start'),
    ],
    [
      'a reset before the last end',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: -1, end: 10 },
      ORDER('start'),
    ],
    [
      'a reset exactly at the end',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: 0, end: 10 },
      ORDER('start'),
    ],
    [
      'a reset 1 ms after the end',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: 0.001, end: 10 },
      undefined,
    ],
    [
      'a counter too soon',
      { kind: 'CUMULATIVE', start: -60, end: 0 },
      { kind: 'CUMULATIVE', start: -60, end: 4 },
      RATE,
      9,
    ],
    [
      'a different kind',
      { end: 0 },
      { kind: 'CUMULATIVE', start: -60, end: 10 },
      `Metric kind for metric ${TEST_TYPE} must be GAUGE, but is CUMULATIVE.`,
    ],
    [
      'a different value type',
      { end: 0 },
      { end: 10, value: { int64Value: '1' } },
      `Value type for metric ${TEST_TYPE} must be DOUBLE, but is INT64.`,
    ],
    [
      'a different declared value type',
      { end: 0 },
      { end: 10, valueType: 'INT64', value: { int64Value: '1' } },
      `Value type for metric ${TEST_TYPE} conflicts with the existing value type (DOUBLE).`,
    ],
    ['another series of the type', { end: 0 }, { end: 0, labels: { other: 'yes' } }, undefined],
  ]
  for (const [what, first, second, expected, code = 3] of later) {
    test(what, () => {
      const store = newStore()
      assert.equal(write(store, [seriesJson(first)]).error, undefined)
      const outcome = write(store, [seriesJson(second)], { now: 60 })
      if (expected === undefined) {
        assert.equal(outcome.error, undefined)
        assert.equal(store.pointCount, 2)
      } else {
        assert.equal(outcome.error?.code, 'INVALID_ARGUMENT')
        assert.deepEqual(summaryOf(outcome).errors, [{ status: { code, message: expected }, pointCount: 1 }])
        assert.equal(store.pointCount, 1)
      }
    })
  }

  test('equal problems are grouped in the message, by resource', () => {
    const store = newStore()
    const node = { type: 'generic_node', labels: { location: 'global', namespace: '', node_id: '' } }
    const series = ['a', 'b', 'c', 'd'].map((label) => seriesJson({ labels: { label }, resource: node }))
    assert.equal(write(store, series).error, undefined)
    const outcome = write(store, [
      ...series.slice(0, 3),
      seriesJson({ labels: { label: 'new' }, resource: node }),
      ...series.slice(3),
    ])
    assert.equal(
      outcome.error?.message,
      `One or more TimeSeries could not be written: timeSeries[0-2,4]: write for resource=generic_node{location:global,namespace:,node_id:} failed with: ${ORDER('end')}`,
    )
    assert.deepEqual(summaryOf(outcome), {
      totalPointCount: 5,
      successPointCount: 1,
      errors: [{ status: { code: 3, message: ORDER('end') }, pointCount: 4 }],
    })
  })

  test('projects are independent', () => {
    const store = newStore()
    assert.equal(write(store, [seriesJson()], { project: 'one' }).error, undefined)
    assert.equal(write(store, [seriesJson({ value: { int64Value: '1' } })], { project: 'two' }).error, undefined)
  })
})
