import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  distributionJson,
  START_SECONDS,
  seriesJson,
  TEST_TYPE,
  timestamp,
  writeRequest,
} from '../../../test/testing/time-series.ts'
import { fromJson, toJson } from '../../protos/proto-json.ts'
import { registry } from '../../protos/registry.ts'
import { BucketLayouts } from '../model/bucket-layout.ts'
import { MetricStore } from '../store/metric-store.ts'
import { createTimeSeries } from '../write/create-time-series.ts'
import { type ListTimeSeriesRequest, listTimeSeries } from './list-time-series.ts'

const HOUR = 3600
const FLAG = 'custom.googleapis.com/flag'
const REQUEST = registry.lookupType('google.monitoring.v3.ListTimeSeriesRequest')
const RESPONSE = registry.lookupType('google.monitoring.v3.ListTimeSeriesResponse')

function newStore(retentionHours = 6, maxQuerySamples = 1e6): MetricStore {
  return new MetricStore({
    maxSeries: 1000,
    maxPointBytes: 1e9,
    maxQuerySamples,
    retentionMicros: retentionHours * HOUR * 1e6,
  })
}

function write(store: MetricStore, series: readonly Parameters<typeof seriesJson>[0][]): void {
  for (const one of series) {
    const nowMicros = (START_SECONDS + (one?.end ?? 0)) * 1e6
    const outcome = createTimeSeries(writeRequest([seriesJson(one)]), {
      store,
      layouts: new BucketLayouts(),
      nowMicros,
    })
    assert.equal(outcome.error, undefined)
  }
}

interface Answer {
  readonly timeSeries?: {
    readonly metric: { readonly labels?: Record<string, string> }
    readonly metricKind: string
    readonly valueType: string
    readonly points?: { readonly interval: { readonly endTime: string }; readonly value: Record<string, unknown> }[]
  }[]
  readonly unit?: string
  readonly nextPageToken?: string
}

/** Reads an interval, in seconds after the start. */
function list(store: MetricStore, from: number, to: number, more: object = {}): Answer {
  const request = fromJson(
    REQUEST,
    {
      name: 'projects/demo-project',
      filter: `metric.type = "${TEST_TYPE}"`,
      interval: { startTime: timestamp(from), endTime: timestamp(to) },
      ...more,
    },
    '',
  )
  const response = listTimeSeries(request as ListTimeSeriesRequest, { store })
  return toJson(RESPONSE, RESPONSE.create(response)) as Answer
}

const aligned = (perSeriesAligner: string, more: object = {}) => ({
  aggregation: { alignmentPeriod: '60s', perSeriesAligner, ...more },
})

/** The end, in seconds after the start, and the value of each point of the first series, oldest first. */
function pointsOf(answer: Answer): [number, unknown][] {
  return (answer.timeSeries?.[0]?.points ?? [])
    .map(({ interval, value }): [number, unknown] => [
      Date.parse(interval.endTime) / 1000 - START_SECONDS,
      Object.values(value)[0],
    ])
    .reverse()
}

describe('an interval', () => {
  const store = newStore()
  write(
    store,
    [0, 60, 120].map((end) => ({ end, value: { doubleValue: end } })),
  )
  const cases: [what: string, interval: object, ends: number[]][] = [
    ['is open at its start and closed at its end', { startTime: timestamp(0), endTime: timestamp(120) }, [60, 120]],
    ['without a start is its end', { endTime: timestamp(60) }, [60]],
    ['may start where it ends', { startTime: timestamp(60), endTime: timestamp(60) }, [60]],
    ['may contain no points', { startTime: timestamp(61), endTime: timestamp(119) }, []],
  ]
  for (const [what, interval, ends] of cases) {
    test(what, () =>
      assert.deepEqual(
        pointsOf(list(store, 0, 0, { interval })).map(([end]) => end),
        ends,
      ),
    )
  }
})

describe('changes of a counter', () => {
  const distributionAt = (count: number) => distributionJson([1, 2], [count, 0, 0])
  const counters = (
    ends: readonly [end: number, value: number][],
    make = (value: number): object => ({ int64Value: `${value}` }),
  ) => ends.map(([end, value]) => ({ kind: 'CUMULATIVE' as const, start: -HOUR, end, value: make(value) }))

  test('start from the last point before the interval, however long ago it was', () => {
    const store = newStore()
    write(
      store,
      counters([
        [0, 1000],
        [HOUR, 1060],
        [HOUR + 60, 1070],
      ]),
    )
    assert.deepEqual(pointsOf(list(store, HOUR - 60, HOUR + 60, aligned('ALIGN_DELTA'))), [
      [HOUR, '1'],
      [HOUR + 60, '10'],
    ])
  })

  test("of a distribution don't count earlier values again", () => {
    const store = newStore()
    write(
      store,
      counters(
        [
          [0, 1000],
          [HOUR, 1060],
          [HOUR + 60, 1070],
        ],
        distributionAt,
      ),
    )
    const counts = pointsOf(list(store, HOUR - 60, HOUR + 60, aligned('ALIGN_DELTA'))).map(([end, value]) => [
      end,
      (value as { count: string }).count,
    ])
    assert.deepEqual(counts, [
      [HOUR, '60'],
      [HOUR + 60, '10'],
    ])
  })

  test('are unknown if the points before were dropped', () => {
    for (const [make, first] of [
      [(value: number): object => ({ int64Value: `${value}` }), '60'],
      [distributionAt, undefined],
    ] as const) {
      const store = newStore()
      const minutes = Array.from({ length: 500 }, (_, minute): [number, number] => [minute * 60, 1e6 + minute * 60])
      write(store, counters(minutes, make))
      store.sweep((START_SECONDS + 499 * 60) * 1e6)
      assert.ok(store.evictions.pointsByRetention > 0)
      const deltas = pointsOf(list(store, -HOUR, 499 * 60, aligned('ALIGN_DELTA')))
      for (const [end, value] of deltas) {
        const count = first === undefined ? (value as { count: string }).count : value
        assert.equal(count, '60', `${end} s`)
      }
    }
  })
})

test('points older than the retention are not read, even if they are still stored', () => {
  const store = newStore(1)
  write(
    store,
    Array.from({ length: 100 }, (_, index) => ({ end: index * 60 })),
  )
  const now = 99 * 60
  store.sweep((START_SECONDS + now) * 1e6)
  assert.equal(store.evictions.pointsByRetention, 0, 'all is in one chunk')
  const ends = (more: object = {}): number[] => pointsOf(list(store, -HOUR, now, more)).map(([end]) => end)
  assert.equal(ends()[0], now - HOUR + 60)
  assert.ok((ends(aligned('ALIGN_MEAN'))[0] ?? 0) > now - HOUR)
  assert.deepEqual(list(store, -HOUR, 0, aligned('ALIGN_MEAN')), {})
})

test('ALIGN_INTERPOLATE reads beyond both ends of the interval', () => {
  const store = newStore()
  for (const end of [0, 90, 1290]) write(store, [{ end, value: { doubleValue: end } }])
  for (const [from, to] of [
    [0, 60],
    [60, 180],
    [600, 660],
  ] as const) {
    const ends = Array.from({ length: (to - from) / 60 }, (_, index) => from + (index + 1) * 60)
    assert.deepEqual(
      pointsOf(list(store, from, to, aligned('ALIGN_INTERPOLATE'))),
      ends.map((end) => [end, end]),
    )
  }
})

describe('secondaryAggregation', () => {
  const store = newStore()
  for (let minute = 0; minute <= 4; minute++) {
    write(
      store,
      [1, 2, 3].map((level) => ({
        labels: { level: String(level), parity: level % 2 === 0 ? 'even' : 'odd' },
        kind: 'CUMULATIVE' as const,
        start: -60,
        end: minute * 60,
        unit: 'By',
        value: { int64Value: String(60 * level * minute) },
      })),
    )
  }
  const rateByParity = aligned('ALIGN_RATE', {
    crossSeriesReducer: 'REDUCE_SUM',
    groupByFields: ['metric.labels.parity'],
  })

  test('aggregates the groups of the first aggregation', () => {
    const answer = list(store, 0, 240, {
      ...rateByParity,
      secondaryAggregation: {
        alignmentPeriod: '120s',
        perSeriesAligner: 'ALIGN_MAX',
        crossSeriesReducer: 'REDUCE_MEAN',
      },
    })
    assert.deepEqual(pointsOf(answer), [
      [120, 3],
      [240, 3],
    ])
    assert.deepEqual(
      answer.timeSeries?.map(({ metric }) => metric.labels),
      [undefined],
    )
    assert.equal(answer.unit, 'By/s')
  })

  test('uses the kind and value type of the first one’s result', () => {
    const distribution = newStore()
    for (let minute = 0; minute <= 3; minute++)
      write(distribution, [
        {
          kind: 'CUMULATIVE',
          start: -60,
          end: minute * 60,
          value: distributionJson([1, 2, 4], [0, minute * 10, 0, 0]),
        },
      ])
    const answer = list(distribution, 0, 180, {
      ...aligned('ALIGN_DELTA'),
      secondaryAggregation: { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_PERCENTILE_50' },
    })
    assert.deepEqual([answer.timeSeries?.[0]?.metricKind, answer.timeSeries?.[0]?.valueType], ['GAUGE', 'DOUBLE'])
    assert.deepEqual(pointsOf(answer), [
      [60, 1.5],
      [120, 1.5],
      [180, 1.5],
    ])
  })

  const wrong: [what: string, secondaryAggregation: object, message: RegExp][] = [
    [
      'an aligner that can’t be applied to the result',
      { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_DELTA' },
      /^Field secondaryAggregation\.perSeriesAligner had an invalid value of "ALIGN_DELTA": .* kind GAUGE and value type DOUBLE/,
    ],
    ['no period', { perSeriesAligner: 'ALIGN_MAX' }, /^Field secondaryAggregation\.alignmentPeriod /],
    [
      'an invalid field',
      { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MAX', crossSeriesReducer: 'REDUCE_SUM', groupByFields: ['x'] },
      /^Field secondaryAggregation\.groupByFields /,
    ],
  ]
  for (const [what, secondaryAggregation, message] of wrong)
    test(`is rejected for ${what}`, () =>
      assert.throws(() => list(store, 0, 240, { ...rateByParity, secondaryAggregation }), {
        code: 'INVALID_ARGUMENT',
        message,
      }))

  test('needs a first one', () =>
    assert.throws(
      () => list(store, 0, 240, { secondaryAggregation: { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MAX' } }),
      { code: 'INVALID_ARGUMENT', message: /^Field secondaryAggregation .* only be specified if aggregation is/ },
    ))

  test('with ALIGN_NONE reduces already aligned series', () => {
    const rates = aligned('ALIGN_RATE')
    const sum = { perSeriesAligner: 'ALIGN_NONE', crossSeriesReducer: 'REDUCE_SUM' }
    const answer = list(store, 0, 120, { ...rates, secondaryAggregation: { alignmentPeriod: '60s', ...sum } })
    assert.deepEqual(pointsOf(answer), [
      [60, 6],
      [120, 6],
    ])
    const without = list(store, 0, 120, { ...rates, secondaryAggregation: { perSeriesAligner: 'ALIGN_NONE' } })
    assert.equal(without.timeSeries?.length, 3)
    assert.throws(() => list(store, 0, 120, { aggregation: {}, secondaryAggregation: sum }), {
      message: /^Field secondaryAggregation\.perSeriesAligner /,
    })
  })
})

describe('pages while series and points are added', () => {
  const keysOf = (answer: Answer): string[] =>
    (answer.timeSeries ?? []).flatMap(({ metric, points }) =>
      (points ?? [{ interval: { endTime: '' } }]).map(({ interval }) => `${metric.labels?.a} ${interval?.endTime}`),
    )

  for (const view of ['FULL', 'HEADERS'])
    test(`${view}: nothing is repeated or skipped`, () => {
      const store = newStore()
      const points = (ends: readonly number[]) =>
        ends.flatMap((end) => [1, 2, 3, 4, 5].map((a) => ({ end, labels: { a: `${a}` } })))
      write(store, points([0, 60, 120]))
      const before = keysOf(list(store, -60, 240, { view }))
      const given: string[] = []
      let pageToken = ''
      let page = 0
      do {
        const answer = list(store, -60, 240, { view, pageSize: 2, pageToken })
        given.push(...keysOf(answer))
        pageToken = answer.nextPageToken ?? ''
        page++
        if (page === 2) write(store, [...points([180]), { end: 180, labels: { a: 'new' } }])
      } while (pageToken !== '')
      assert.equal(new Set(given).size, given.length, 'twice')
      assert.deepEqual(
        before.filter((key) => !given.includes(key)),
        [],
      )
    })
})

describe('the unit of a result', () => {
  const store = newStore()
  for (const end of [0, 60, 120]) {
    write(store, [
      { end, unit: 'By' },
      { type: FLAG, end, value: { boolValue: true }, unit: '' },
    ])
  }
  const cases: [type: string, aggregation: object, unit: string][] = [
    [TEST_TYPE, { perSeriesAligner: 'ALIGN_MEAN' }, 'By'],
    [TEST_TYPE, { perSeriesAligner: 'ALIGN_COUNT' }, '1'],
    [TEST_TYPE, { perSeriesAligner: 'ALIGN_MEAN', crossSeriesReducer: 'REDUCE_COUNT' }, '1'],
    [TEST_TYPE, { perSeriesAligner: 'ALIGN_PERCENT_CHANGE' }, '%'],
    [FLAG, { perSeriesAligner: 'ALIGN_COUNT_TRUE' }, '1'],
    [FLAG, { perSeriesAligner: 'ALIGN_FRACTION_TRUE' }, '10^2.%'],
    [FLAG, { perSeriesAligner: 'ALIGN_NEXT_OLDER', crossSeriesReducer: 'REDUCE_COUNT_FALSE' }, '1'],
  ]
  for (const [type, aggregation, unit] of cases) {
    test(`${Object.values(aggregation).join(', ')}: ${unit}`, () => {
      const answer = list(store, 0, 120, {
        filter: `metric.type = "${type}"`,
        aggregation: { alignmentPeriod: '60s', ...aggregation },
      })
      assert.equal(answer.unit, unit)
      assert.equal(answer.timeSeries?.length, 1)
    })
  }
})

describe('the work of a request is limited', () => {
  const DAY = 24 * HOUR
  const store = newStore(6, 2000)
  for (const end of [0, 60, 120]) write(store, [{ end }, { end, labels: { a: 'b' } }])
  const mean = aligned('ALIGN_MEAN', { crossSeriesReducer: 'REDUCE_SUM' })
  const second = { secondaryAggregation: { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MAX' } }
  const cases: [what: string, from: number, to: number][] = [
    ['from the epoch', -START_SECONDS, 120],
    ['until 69 days from now', 0, 69 * DAY],
    ['until the year 9999', 0, 240_000_000_000],
  ]
  for (const [what, from, to] of cases) {
    for (const [how, more] of Object.entries({ aligned: mean, 'aligned twice': { ...mean, ...second } })) {
      test(`only periods with data are computed, ${what}, ${how}`, () => {
        const startMs = performance.now()
        assert.deepEqual(
          pointsOf(list(store, from, to, more)).map(([end]) => end % 60 === to % 60),
          from === 0 ? [true, true] : [true, true, true],
        )
        assert.ok(performance.now() - startMs < 200)
      })
    }
  }

  test('too many series and periods are rejected', () => {
    const small = newStore(6, 5)
    for (const end of [0, 60, 120]) write(small, [{ end }, { end, labels: { a: 'b' } }])
    assert.throws(() => list(small, -60, 120, mean), {
      code: 'INVALID_ARGUMENT',
      message:
        'Field aggregation.alignmentPeriod results in too many points: 2 series with 3 alignment periods each; at most 5 points may be computed. Use a narrower filter, a shorter interval or a longer alignment period.',
    })
    assert.throws(() => list(small, -60, 120), {
      message: /^The query reads too many points: 6; at most 5 may be read\. /,
    })
    assert.equal(list(small, 0, 120, mean).timeSeries?.length, 1)
  })

  test('too many periods without a common end are rejected', () => {
    const odd = { aggregation: { alignmentPeriod: '61.000001s', perSeriesAligner: 'ALIGN_MEAN' }, ...second }
    assert.throws(() => list(store, 0, 69 * DAY, odd), { code: 'INVALID_ARGUMENT', message: /at most 2000 points/ })
  })
})
