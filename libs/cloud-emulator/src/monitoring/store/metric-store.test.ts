import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MetricStore, type MetricStoreLimits } from './metric-store.ts'
import { Series, seriesKey } from './series.ts'

const T0 = 1_767_323_040_000_000
const MINUTE = 60e6

function storeWith(limits: Partial<MetricStoreLimits>): MetricStore {
  return new MetricStore({
    maxSeries: 100,
    maxPointBytes: 1e9,
    maxQuerySamples: 1e6,
    retentionMicros: 6 * 60 * MINUTE,
    ...limits,
  })
}

function add(store: MetricStore, name: string, projectId = 'p'): Series {
  const identity = {
    metricType: 'custom.googleapis.com/x',
    metricLabels: { name },
    resourceType: 'global',
    resourceLabels: {},
  }
  const series = new Series(identity, {
    key: seriesKey(identity),
    metricKind: 'GAUGE',
    valueType: 'DOUBLE',
    pages: store.pages,
  })
  store.addSeries(store.project(projectId), series)
  return series
}

function append(store: MetricStore, series: Series, endMicros: number, projectId = 'p'): void {
  store.append(
    store.project(projectId),
    series,
    { startMicros: endMicros, endMicros, value: 1, exemplars: [] },
    endMicros,
  )
}

function names(store: MetricStore): string[] {
  return [...store.projects.values()].flatMap((project) =>
    [...project.seriesByKey.values()].map((series) => series.metricLabels.name ?? ''),
  )
}

describe('retention', () => {
  test('drops old points, then the series without points, and counts them', () => {
    const store = storeWith({ retentionMicros: 60 * MINUTE })
    const old = add(store, 'old')
    const live = add(store, 'live')
    for (let minute = 0; minute < 200; minute++) append(store, live, T0 + minute * MINUTE)
    append(store, old, T0)
    store.sweep(T0 + 200 * MINUTE)
    assert.deepEqual(names(store), ['live'])
    assert.equal(store.seriesCount, 1)
    assert.equal(store.pointCount, live.points.length)
    assert.equal(store.evictions.pointsByRetention, 201 - live.points.length)
    assert.ok(live.points.length < 200)
    assert.ok((live.points.lastEndMicros ?? 0) === T0 + 199 * MINUTE)
  })

  test('keeps newer points', () => {
    const store = storeWith({})
    append(store, add(store, 'a'), T0)
    store.sweep(T0 + MINUTE)
    assert.equal(store.pointCount, 1)
    assert.equal(store.evictions.pointsByRetention, 0)
  })
})

test('above the limit on series the least recently written one is evicted', () => {
  const store = storeWith({ maxSeries: 3 })
  const [a, b, c] = [add(store, 'a'), add(store, 'b'), add(store, 'c', 'other')]
  append(store, a, T0 + 2 * MINUTE)
  append(store, b, T0)
  append(store, c, T0 + MINUTE, 'other')
  add(store, 'd')
  assert.deepEqual(names(store).sort(), ['a', 'c', 'd'])
  assert.deepEqual(store.evictions, { pointsByRetention: 0, pointsByBytes: 0, pointsBySeries: 1, series: 1 })
  assert.equal(store.seriesCount, 3)
  assert.equal(store.pointCount, 2)
})

test('above the limit on bytes the oldest points are evicted', () => {
  const store = storeWith({ maxPointBytes: 100_000 })
  const series = Array.from({ length: 10 }, (_, index) => add(store, String(index)))
  for (let minute = 0; minute < 1440; minute += 0.5) {
    for (const one of series) {
      append(store, one, T0 + minute * MINUTE)
      assert.ok(store.pointBytes <= 100_000, `${store.pointBytes} bytes`)
    }
  }
  assert.ok(store.pointBytes > 50_000, `${store.pointBytes} bytes`)
  assert.equal(store.pointCount + store.evictions.pointsByBytes, 28_800)
  for (const one of series) assert.equal(one.points.lastEndMicros, T0 + 1439.5 * MINUTE)
})

test('labels and exemplars count as bytes until they are dropped', () => {
  const store = storeWith({})
  const series = add(store, 'x'.repeat(1000))
  assert.ok(store.pointBytes > 2000, `${store.pointBytes} bytes`)
  const exemplars = [{ value: 1, attachments: [{ type_url: 'x', value: new Uint8Array(5000) }] }]
  for (let step = 1; step <= 100; step++) {
    const endMicros = T0 + step * MINUTE
    store.append(store.project('p'), series, { startMicros: endMicros, endMicros, value: 1, exemplars }, endMicros)
  }
  assert.ok(store.pointBytes > 60 * 5000 && store.pointBytes < 70 * 5500, `${store.pointBytes} bytes`)
  store.sweep(T0 + 1000 * MINUTE)
  assert.deepEqual([store.pointBytes, store.pointCount, store.seriesCount], [0, 0, 0])
})

test('the exemplars of a single series can exceed the limit on bytes', () => {
  const store = storeWith({ maxPointBytes: 100_000 })
  const series = add(store, 'a')
  const exemplars = [{ value: 1, attachments: [{ type_url: 'x', value: new Uint8Array(60_000) }] }]
  for (let step = 1; step <= 5; step++) {
    const endMicros = T0 + step * MINUTE
    const target = store.project('p').seriesByKey.get(series.key) ?? add(store, 'a')
    store.append(store.project('p'), target, { startMicros: endMicros, endMicros, value: 1, exemplars }, endMicros)
    assert.ok(store.pointBytes <= 100_000, `${store.pointBytes} bytes`)
  }
})

test('the number of projects is limited, since any request that names a project creates it', () => {
  const store = storeWith({})
  for (let index = 0; index < 1000; index++) store.project(`p${index}`)
  assert.ok(store.project('p999'))
  assert.throws(() => store.project('one-more'), { code: 'RESOURCE_EXHAUSTED', message: /already has 1000 projects/ })
})

test('deleting a type deletes its series', () => {
  const store = storeWith({})
  append(store, add(store, 'a'), T0)
  const project = store.project('p')
  project.descriptors.set('custom.googleapis.com/x', {
    type: 'custom.googleapis.com/x',
    metricKind: 'GAUGE',
    valueType: 'DOUBLE',
    labels: [],
    unit: '',
    description: '',
    displayName: '',
    launchStage: 0,
    metadata: null,
  })
  assert.equal(store.deleteType(project, 'custom.googleapis.com/x'), true)
  assert.equal(store.deleteType(project, 'custom.googleapis.com/x'), false)
  assert.deepEqual([store.seriesCount, store.pointCount, store.pointBytes], [0, 0, 0])
})

test("the order of labels doesn't matter", () => {
  const key = (metricLabels: Record<string, string>) =>
    seriesKey({ metricType: 't', metricLabels, resourceType: 'r', resourceLabels: {} })
  assert.equal(key({ a: '1', b: '2' }), key({ b: '2', a: '1' }))
  assert.notEqual(key({ a: '1', b: '2' }), key({ a: '1' }))
  assert.notEqual(key({ a: 'b' }), key({ ab: '' }))
})
