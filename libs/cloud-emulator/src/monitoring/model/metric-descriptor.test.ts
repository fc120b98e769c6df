import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { seriesJson, TEST_TYPE } from '../../../test/testing/time-series.ts'
import { newStore, summaryOf, write } from '../../../test/testing/written-store.ts'

describe('descriptors are created from the first series', () => {
  test('with its kind, value type, unit and sorted labels', () => {
    const store = newStore()
    write(store, [
      seriesJson({
        kind: 'CUMULATIVE',
        start: -60,
        value: { int64Value: '7' },
        labels: { b: '1', a: '2' },
        unit: 'By',
      }),
    ])
    const descriptor = store.project('demo-project').descriptors.get(TEST_TYPE)
    assert.deepEqual(
      descriptor?.labels.map(({ key, valueType }) => [key, valueType]),
      [
        ['a', 'STRING'],
        ['b', 'STRING'],
      ],
    )
    assert.equal(descriptor?.metricKind, 'CUMULATIVE')
    assert.equal(descriptor?.valueType, 'INT64')
    assert.equal(descriptor?.unit, 'By')
    assert.equal(descriptor?.description, '')
  })

  test('GAUGE if the series has no kind; later series get the kind of the descriptor', () => {
    const store = newStore()
    const unspecified = (end: number) => ({ ...seriesJson({ end }), metricKind: 'METRIC_KIND_UNSPECIFIED' })
    assert.equal(write(store, [unspecified(0)]).error, undefined)
    assert.equal(store.project('demo-project').descriptors.get(TEST_TYPE)?.metricKind, 'GAUGE')
    assert.equal(write(store, [unspecified(10)], { now: 10 }).error, undefined)
  })

  test('new labels are added, up to 30', () => {
    const store = newStore()
    const many = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${from + index}`, 'x']))
    assert.equal(write(store, [seriesJson({ labels: many(0, 20) })]).error, undefined)
    assert.equal(write(store, [seriesJson({ labels: many(15, 15) })]).error, undefined)
    assert.equal(store.project('demo-project').descriptors.get(TEST_TYPE)?.labels.length, 30)
    const outcome = write(store, [seriesJson({ labels: many(30, 1) })])
    assert.match(outcome.error?.message ?? '', /would have 31 labels; at most 30/)
    assert.equal(store.seriesCount, 2)
  })
})

test('a project has at most 25,000 descriptors: series of another type are rejected, the others are written', () => {
  const store = newStore()
  write(store, [seriesJson({ type: 'custom.googleapis.com/known' })])
  const { descriptors } = store.project('demo-project')
  const [known] = descriptors.values()
  assert.ok(known)
  for (let index = 1; index < 25_000; index++) {
    const type = `custom.googleapis.com/made_${index}`
    descriptors.set(type, { ...known, type })
  }
  const outcome = write(
    store,
    [
      seriesJson({ type: 'custom.googleapis.com/one_more', end: 10 }),
      seriesJson({ type: 'custom.googleapis.com/known', end: 10 }),
    ],
    { now: 10 },
  )
  const summary = summaryOf(outcome)
  assert.deepEqual([summary.totalPointCount, summary.successPointCount], [2, 1])
  assert.match(outcome.error?.message ?? '', /The project has 25000 metric descriptors, which is the limit/)
  assert.equal(descriptors.size, 25_000)
})
