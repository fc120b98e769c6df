import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Aggregator, Exemplar, MetricFamily, MetricType, Sample } from './family.ts'
import { mergeFamilies } from './merge.ts'

const family = (type: MetricType, samples: Sample[], aggregator: Aggregator = 'sum'): MetricFamily => ({
  name: 'm',
  help: 'M',
  type,
  aggregator,
  samples,
})
const one = (value: number, exemplar?: Exemplar): Sample => ({
  name: 'm',
  labels: { x: '1' },
  value,
  ...(exemplar === undefined ? {} : { exemplar }),
})
const merge = (...families: MetricFamily[]) =>
  mergeFamilies(families.map((source, index) => ({ families: [source], isPrimary: index === 0 })))[0]

const rules: readonly (readonly [Aggregator, values: readonly number[], merged: number])[] = [
  ['sum', [1, 2, 4], 7],
  ['max', [1, 4, 2], 4],
  ['min', [3, 1, 2], 1],
  ['average', [1, 2, 6], 3],
  ['first', [5, 1, 2], 5],
  ['omit', [5, 1, 2], 5],
]
for (const [aggregator, values, merged] of rules) {
  test(`gauges by ${aggregator}: ${values.join(', ')} are merged to ${merged}`, () => {
    assert.deepEqual(merge(...values.map((value) => family('gauge', [one(value)], aggregator)))?.samples, [one(merged)])
  })
}

for (const type of ['counter', 'histogram', 'summary'] as const) {
  test(`a ${type} is summed, whatever its aggregator says`, () => {
    const sample = (value: number) => ({ name: 'm_sum', labels: {}, value })
    assert.deepEqual(merge(family(type, [sample(1)], 'max'), family(type, [sample(2)], 'max'))?.samples, [sample(3)])
  })
}

test('quantiles of several processes have no meaning together', () => {
  const summary = family('summary', [{ name: 'm', labels: { quantile: 0.5 }, value: 1 }])
  assert.deepEqual(merge(summary, summary)?.samples, [])
})

test('a metric that only a worker has is omitted if its aggregator is omit', () => {
  const sources = [{ families: [family('gauge', [one(1)], 'omit')], isPrimary: false }]
  assert.deepEqual(mergeFamilies(sources), [])
})

test('label sets are equal in any order, and a label set of only one process is kept', () => {
  const merged = merge(
    family('counter', [{ name: 'm', labels: { a: '1', b: '2' }, value: 1 }]),
    family('counter', [
      { name: 'm', labels: { b: '2', a: '1' }, value: 2 },
      { name: 'm', labels: { a: '2', b: '1' }, value: 4 },
    ]),
  )
  assert.deepEqual(merged?.samples, [
    { name: 'm', labels: { a: '1', b: '2' }, value: 3 },
    { name: 'm', labels: { a: '2', b: '1' }, value: 4 },
  ])
})

test('a sample keeps its newest exemplar', () => {
  const exemplar = (timestampSeconds: number) => ({
    labels: { trace_id: String(timestampSeconds) },
    value: 1,
    timestampSeconds,
  })
  const merged = merge(
    family('histogram', [one(1, exemplar(5))]),
    family('histogram', [one(1, exemplar(9))]),
    family('histogram', [one(1)]),
  )
  assert.deepEqual(merged?.samples, [one(3, exemplar(9))])
})

test('histograms with different buckets get the bounds of all, and remain cumulative', () => {
  const histogram = (buckets: Readonly<Record<string, number>>): MetricFamily => ({
    ...family('histogram', [
      ...Object.entries(buckets).map(([le, value]) => ({ name: 'm_bucket', labels: { x: '1', le }, value })),
      { name: 'm_count', labels: { x: '1' }, value: buckets['+Inf'] ?? 0 },
    ]),
  })
  const bucketsOf = (merged: MetricFamily | undefined) =>
    Object.fromEntries((merged?.samples ?? []).map(({ name, labels, value }) => [labels.le ?? name, value]))
  const [old, current] = [histogram({ 1: 5, 2: 7, '+Inf': 8 }), histogram({ 1: 10, 3: 20, '+Inf': 20 })]
  const all = { 1: 15, 2: 17, 3: 27, '+Inf': 28, m_count: 28 }
  assert.deepEqual(bucketsOf(merge(old, current)), all)
  assert.deepEqual(bucketsOf(merge(current, old)), all)
  const [past] = [merge(old, current)]
  assert.deepEqual(bucketsOf(past && merge(past, histogram({ 2: 1, '+Inf': 1 }))), {
    ...all,
    2: 18,
    3: 28,
    '+Inf': 29,
    m_count: 29,
  })
})

test('label sets whose concatenated text is the same are distinct', () => {
  const samples = [{ a: '1\u0000b\u00001\u00002' }, { a: '1', b: '2' }, { a: '1b', b: '' }].map((labels) => ({
    name: 'm',
    labels,
    value: 1,
  }))
  assert.equal(merge(family('counter', samples), family('counter', samples))?.samples.length, 3)
})

test('the samples of a label set stay together', () => {
  const histogram = (x: string): Sample[] =>
    ['m_bucket', 'm_sum', 'm_count'].map((name) => ({ name, labels: { x }, value: 1 }))
  const merged = merge(
    family('histogram', [...histogram('a'), ...histogram('b')]),
    family('histogram', [...histogram('c'), ...histogram('b')]),
  )
  assert.deepEqual(
    merged?.samples.map(({ labels }) => labels.x),
    ['a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'c'],
  )
})

test('a label without a value is the same as no label', () => {
  const withPath = (path: string | undefined): Sample => ({
    name: 'm',
    labels: { x: '1', ...(path === undefined ? {} : { path }) },
    value: 1,
  })
  const [merged] = mergeFamilies([
    { families: [family('counter', [withPath('')])], isPrimary: false },
    { families: [family('counter', [withPath(undefined)])], isPrimary: false },
  ])
  assert.deepEqual(merged?.samples, [{ ...withPath(''), value: 2 }])
})
