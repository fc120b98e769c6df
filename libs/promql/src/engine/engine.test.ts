import assert from 'node:assert/strict'
import { test } from 'node:test'
import { growing, printSeriesName, selectFrom, storedSeries } from '../../test/stored-series.ts'
import type { SelectSeries } from '../evaluation/series-source.ts'
import { floatHistogram, printHistogram } from '../histogram/float-histogram.ts'
import { Engine, type EngineOptions, type QueryResult } from './engine.ts'

const MINUTE = 60_000

function lines({ value }: QueryResult): string[] {
  switch (value.type) {
    case 'scalar':
    case 'string':
      return [String(value.value)]
    case 'vector':
      return value.samples.map(({ labels, value: one }) => {
        return `${printSeriesName(labels)} ${typeof one === 'number' ? one : printHistogram(one)}`
      })
    case 'matrix':
      return value.series.map(({ labels, floats }) => {
        return `${printSeriesName(labels)} ${floats.values.map((one, i) => `${one}@${(floats.times[i] ?? 0) / 1000}`).join(' ')}`
      })
  }
}

function at(select: SelectSeries, query: string, timeMs: number, options: EngineOptions = {}): string[] {
  return lines(new Engine(options).instant(select, query, timeMs))
}

const requests = selectFrom(
  storedSeries('requests_total{job="api", code="200"}', growing(0, 60, 11)),
  storedSeries('requests_total{job="api", code="500"}', growing(0, 6, 11)),
  storedSeries('requests_total{job="web", code="200"}', growing(100, 30, 11)),
  storedSeries('latency_bucket{le="0.1"}', growing(0, 5, 11)),
  storedSeries('latency_bucket{le="1"}', growing(0, 8, 11)),
  storedSeries('latency_bucket{le="+Inf"}', growing(0, 10, 11)),
  storedSeries('owner{job="api", team="a"}', growing(1, 0, 11)),
  storedSeries('temperature{room="1"}', [20, 22, '_', 21, Number.NaN, 'stale', '_', '_', '_', '_', '_']),
)

/** Queries, at the tenth minute unless they say otherwise, and Prometheus' results. */
const ANSWERS: readonly (readonly [query: string, ...answer: readonly string[]])[] = [
  ['1 + 2 * 3', '7'],
  ['"text"', 'text'],
  ['time()', '600'],
  ['vector(1) + 1', '{} 2'],
  ['requests_total{code="500"}', 'requests_total{code="500", job="api"} 60'],
  ['requests_total{code="500"} offset 5m', 'requests_total{code="500", job="api"} 30'],
  ['requests_total{code="500"} @ 120', 'requests_total{code="500", job="api"} 12'],
  ['requests_total{code="500"}[2m]', 'requests_total{code="500", job="api"} 54@540 60@600'],
  ['rate(requests_total{code="500"}[5m])', '{code="500", job="api"} 0.1'],
  ['increase(requests_total{code="500"}[5m])', '{code="500", job="api"} 30'],
  ['irate(requests_total{code="500"}[5m])', '{code="500", job="api"} 0.1'],
  ['sum by (job) (requests_total)', '{job="api"} 660', '{job="web"} 400'],
  ['sum without (code) (requests_total)', '{job="api"} 660', '{job="web"} 400'],
  ['avg(requests_total)', '{} 353.3333333333333'],
  ['count(requests_total)', '{} 3'],
  ['max(requests_total) - min(requests_total)', '{} 540'],
  ['quantile(0.5, requests_total)', '{} 400'],
  ['stdvar(owner)', '{} 0'],
  ['group(requests_total)', '{} 1'],
  ['count_values("value", owner)', '{value="1"} 1'],
  ['topk(1, requests_total)', 'requests_total{code="200", job="api"} 600'],
  ['bottomk(1, requests_total)', 'requests_total{code="500", job="api"} 60'],
  ['limitk(1, owner)', 'owner{job="api", team="a"} 1'],
  ['requests_total > 300', 'requests_total{code="200", job="api"} 600', 'requests_total{code="200", job="web"} 400'],
  ['300 > bool requests_total{code="500"}', '{code="500", job="api"} 1'],
  [
    'requests_total * on (job) group_left (team) owner',
    '{code="200", job="api", team="a"} 600',
    '{code="500", job="api", team="a"} 60',
  ],
  ['requests_total and on (job) owner{team="b"}'],
  ['requests_total{code="500"} or owner', 'requests_total{code="500", job="api"} 60', 'owner{job="api", team="a"} 1'],
  ['requests_total unless on (job) owner', 'requests_total{code="200", job="web"} 400'],
  ['owner + on (job) fill (0) requests_total{job="web"}', '{job="api"} 1', '{job="web"} 400'],
  ['histogram_quantile(0.5, latency_bucket)', '{} 0.1'],
  ['histogram_fraction(0, 1, latency_bucket)', '{} 0.8'],
  ['label_replace(owner, "who", "$1-x", "team", "(.*)")', 'owner{job="api", team="a", who="a-x"} 1'],
  ['label_join(owner, "both", "/", "job", "team")', 'owner{both="api/a", job="api", team="a"} 1'],
  ['absent(nothing{job="x"})', '{job="x"} 1'],
  ['absent_over_time(nothing{job="x"}[5m])', '{job="x"} 1'],
  ['max_over_time(temperature[1h])', '{room="1"} 22'],
  ['temperature'],
  ['temperature @ 180', 'temperature{room="1"} 21'],
  ['count_over_time(temperature[1h])', '{room="1"} 4'],
  ['changes(temperature[1h])', '{room="1"} 3'],
  ['timestamp(owner offset 1m)', '{job="api", team="a"} 540'],
  ['sum_over_time(owner[5m:1m])', '{job="api", team="a"} 5'],
  ['predict_linear(requests_total{code="500"}[5m], 60)', '{code="500", job="api"} 66'],
  ['deriv(requests_total{code="500"}[5m])', '{code="500", job="api"} 0.1'],
  ['-owner', '{job="api", team="a"} -1'],
  ['clamp(owner, 2, 3)', '{job="api", team="a"} 2'],
  ['scalar(owner) + 1', '2'],
  ['hour(vector(7200))', '{} 2'],
  [
    'sort_desc(requests_total{job="api"})',
    'requests_total{code="200", job="api"} 600',
    'requests_total{code="500", job="api"} 60',
  ],
  ['increase(requests_total{code="500"}[90s] anchored)', '{code="500", job="api"} 12'],
  ['increase(requests_total{code="500"}[90s] smoothed)', '{code="500", job="api"} 9'],
  ['requests_total{code="500"}[1m * 2]', 'requests_total{code="500", job="api"} 54@540 60@600'],
]

for (const [query, ...answer] of ANSWERS) {
  test(`${query} has Prometheus' result`, () => {
    assert.deepEqual(at(requests, query, 10 * MINUTE), answer)
  })
}

const REFUSED: readonly (readonly [query: string, message: string | RegExp])[] = [
  ['requests_total + on (job) owner', /^found duplicate series|multiple matches for labels: many-to-one/],
  [
    'owner + on (job) requests_total',
    /^found duplicate series for the match group \{job="api"\} on the right hand-side/,
  ],
  ['label_replace(requests_total, "code", "", "code", ".*") + 0', /same labelset/],
  ['topk(scalar(nothing), owner)', 'Parameter value is NaN'],
  ['count_values("", owner)', 'invalid label name ""'],
  ['max_over_time(owner[1m] anchored)', /^anchored modifier can only be used with: changes, delta/],
  ['label_replace(owner, "a", "b", "c", "(")', 'invalid regular expression in label_replace(): ('],
  ['owner[1m - 2m]', '6:13: duration must be greater than 0'],
]

for (const [query, message] of REFUSED) {
  test(`${query} is rejected`, () => {
    assert.throws(() => at(requests, query, 10 * MINUTE), { name: 'QueryError', message })
  })
}

test('a range query has a value for each step', () => {
  const result = new Engine().range(requests, 'sum(requests_total{job="api"})', 0, 4 * MINUTE, 2 * MINUTE)
  assert.deepEqual(lines(result), ['{} 0@0 132@120 264@240'])
  const constant = new Engine().range(requests, 'owner @ 60 + step()', 0, 2 * MINUTE, MINUTE)
  assert.deepEqual(lines(constant), ['{job="api", team="a"} 61@0 61@60 61@120'])
  assert.throws(() => new Engine().range(requests, 'owner[5m]', 0, MINUTE, MINUTE), /must be Scalar or instant Vector/)
  assert.throws(() => new Engine().range(requests, 'owner', 0, MINUTE, 0.1), /integer divide by zero/)
})

test('a series has ended at its staleness marker, and when its last sample is too old', () => {
  const ended = selectFrom(storedSeries('up', [1, 1, 'stale', '_', 1]))
  assert.deepEqual(at(ended, 'up', MINUTE), ['up 1'])
  assert.deepEqual(at(ended, 'up', 3 * MINUTE), [])
  assert.deepEqual(at(ended, 'up', 9 * MINUTE - 1), ['up 1'])
  assert.deepEqual(at(ended, 'up', 9 * MINUTE), [])
  assert.deepEqual(at(ended, 'up', 9 * MINUTE, { lookbackMs: 10 * MINUTE }), ['up 1'])
})

test('counters start at their start timestamps if the option is set', () => {
  const one = selectFrom(storedSeries('x_total', [10], { startMs: [-30_000] }))
  assert.deepEqual(at(one, 'increase(x_total[1m])', 10_000), [])
  assert.deepEqual(at(one, 'increase(x_total[1m])', 10_000, { useStartTimestamps: true }), ['{} 10'])
})

test('native histograms are added, multiplied and estimated from', () => {
  const buckets = { indexes: [0, 1, 2], counts: [1, 2, 1] }
  const one = floatHistogram({ count: 4, sum: 6, positive: buckets })
  const store = selectFrom(storedSeries('h{a="1"}', [one, one]), storedSeries('h{a="2"}', [one, one]))
  assert.deepEqual(at(store, 'sum(h)', MINUTE), ['{} {count:8, sum:12, (0.5,1]:2, (1,2]:4, (2,4]:2}'])
  assert.deepEqual(at(store, 'h{a="1"} * 2', MINUTE), ['{a="1"} {count:8, sum:12, (0.5,1]:2, (1,2]:4, (2,4]:2}'])
  assert.deepEqual(at(store, 'histogram_quantile(0.5, h{a="1"})', MINUTE), ['{a="1"} 1.4142135623730951'])
  assert.deepEqual(at(store, 'histogram_count(sum(h))', MINUTE), ['{} 8'])
  assert.deepEqual(at(store, 'histogram_avg(h{a="1"})', MINUTE), ['{a="1"} 1.5'])
  assert.deepEqual(at(store, 'h{a="1"} >/ 1', MINUTE), [
    '{a="1"} {count:3, sum:5.656854249492381, (1,2]:2, (2,4]:1}'.replace('{a="1"}', 'h{a="1"}'),
  ])
})

test("info adds the target's labels", () => {
  const store = selectFrom(
    storedSeries('up{instance="a", job="j"}', [1, 1]),
    storedSeries('target_info{instance="a", job="j", version="2", team="x"}', [1, 1]),
  )
  assert.deepEqual(at(store, 'info(up)', MINUTE), ['up{instance="a", job="j", team="x", version="2"} 1'])
  assert.deepEqual(at(store, 'info(up, {team=~".+"})', MINUTE), ['up{instance="a", job="j", team="x"} 1'])
})

test('annotations report their position in the query', () => {
  const store = selectFrom(storedSeries('gauge', [1, 2, 3]))
  const { warnings, infos } = new Engine().instant(store, 'quantile(2, rate(gauge[2m]))', 2 * MINUTE)
  assert.deepEqual(warnings, ['PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)'])
  assert.deepEqual(infos, [
    'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "gauge" (1:18)',
  ])
})

test('a query that needs too many samples or too much time ends with an error', () => {
  const kind = (kind: string) => ({ name: 'QueryError', kind })
  assert.throws(() => at(requests, 'requests_total', MINUTE, { maxSamples: 2 }), kind('tooManySamples'))
  const range = () => new Engine({ maxSamples: 20 }).range(requests, 'requests_total', 0, 10 * MINUTE, MINUTE)
  assert.throws(range, kind('tooManySamples'))
  let now = 0
  const slow = { timeoutMs: 10, now: () => (now += 5) }
  assert.throws(
    () => at(requests, 'sum(rate(requests_total[5m])) + sum(owner) + sum(owner)', MINUTE, slow),
    kind('timeout'),
  )
})

test('metric names can be kept until the end, so that results of several metrics do not collide', () => {
  const store = selectFrom(storedSeries('a{x="1"}', [1, 1]), storedSeries('b{x="1"}', [2, 2]))
  const query = 'sum by (__name__) (rate({x="1"}[2m]))'
  assert.throws(() => at(store, query, MINUTE), /same labelset/)
  assert.deepEqual(at(store, 'count(abs({x="1"}))', MINUTE, { delayedNameRemoval: true }), ['{} 2'])
})

test('a step-invariant expression is not a range query, even in a scalar', () => {
  const engine = new Engine()
  const store = selectFrom(storedSeries('up{job="a"}', growing(1, 1, 20)))
  assert.deepEqual(engine.range(store, 'scalar(sort(up @ 60))', 0, 600_000, 60_000).warnings, [])
  assert.equal(engine.range(store, 'sort(up)', 0, 600_000, 60_000).warnings.length, 1)
})

test('the series of a store are read one after another, each once', () => {
  let open: string | undefined
  const store: SelectSeries = function* () {
    for (const one of ['a', 'b', 'c']) {
      open = one
      const { labels, timestamps, values } = storedSeries(`x_total{of="${one}"}`, growing(0, 60, 20))
      const read = <T>(of: T): T => {
        assert.equal(open, one)
        return of
      }
      yield {
        labels,
        get timestamps() {
          return read(timestamps)
        },
        get values() {
          return read(values)
        },
      }
    }
  }
  const engine = new Engine()
  const { value, samples } = engine.range(store, 'sum(rate(x_total[5m]))', 600_000, 1_200_000, 60_000)
  assert.ok(value.type === 'matrix')
  assert.deepEqual(
    value.series[0]?.floats.values,
    Array.from({ length: 11 }, () => 3),
  )
  assert.equal(samples.seriesTouched, 3)
  assert.ok(engine.range(store, 'x_total + x_total', 600_000, 1_200_000, 60_000).samples.totalQueryableSamples > 0)
})
