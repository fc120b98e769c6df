import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { randomNumbers, testSeed } from '../../../test/testing/random.ts'
import { bucketLayout } from '../model/bucket-layout.ts'
import { type DistributionValue, isDistribution, type PointValue } from '../model/point-value.ts'
import { PagePool } from './page-pool.ts'
import { PointColumns } from './point-columns.ts'

const T0 = 1_767_323_040_000_000

function read(columns: PointColumns, after = 0, until = Number.MAX_SAFE_INTEGER): [number, number, unknown][] {
  const points: [number, number, unknown][] = []
  columns.visit(after, until, (start, end, value) => points.push([start, end, plain(value)]))
  return points
}

function plain(value: PointValue): unknown {
  return isDistribution(value) ? { ...value, layout: value.layout.key, counts: Array.from(value.counts) } : value
}

function randomValue(type: string, next: () => number): PointValue {
  if (type === 'BOOL') return next() < 0.5
  if (type === 'DOUBLE') return next() * 1e6
  if (type === 'INT64') return BigInt(Math.floor(next() * 2 ** 53)) * 1000n
  const layout = bucketLayout({ explicitBuckets: { bounds: next() < 0.9 ? [1, 2, 3] : [1, 2] } })
  const scale = next() < 0.9 ? 100 : next() < 0.5 ? 1e6 : 1e10
  const counts = Array.from({ length: layout.buckets }, () => Math.floor(next() * scale))
  return {
    layout,
    counts,
    count: counts.reduce((sum, one) => sum + one, 0),
    mean: next(),
    sumOfSquaredDeviation: next(),
  }
}

for (const type of ['BOOL', 'INT64', 'DOUBLE', 'DISTRIBUTION'] as const) {
  const seed = testSeed()
  test(`${type} points with arbitrary starts and gaps are read as they were appended (TEST_SEED=${seed})`, () => {
    const next = randomNumbers(seed)
    const whole = next() < 0.5
    const columns = new PointColumns(type, new PagePool())
    const expected: [number, number, unknown][] = []
    let end = T0
    let start = T0 - 1
    for (let index = 0; index < 1000; index++) {
      const gap = Math.ceil(next() * (next() < 0.05 ? 2e10 : 6e7))
      end += whole ? Math.ceil(gap / 1000) * 1000 : gap
      if (next() < 0.1) start = end - Math.ceil(next() * 1000)
      const value = randomValue(type, next)
      const startMicros = next() < 0.5 ? end : start
      columns.append(startMicros, end, value)
      expected.push([startMicros, end, plain(value)])
    }
    assert.equal(columns.length, 1000)
    assert.deepEqual(read(columns), expected)
    assert.deepEqual(plain(columns.lastValue ?? 0), expected.at(-1)?.[2])
    assert.equal(columns.lastEndMicros, end)
    const from = expected[300]?.[1] ?? 0
    const to = expected[500]?.[1] ?? 0
    assert.deepEqual(read(columns, from, to), expected.slice(301, 501), 'after is exclusive, until inclusive')
    for (let moment = T0 - 5e8; moment < end + 1e9; moment += Math.ceil(next() * 1e9)) {
      const last: unknown[] = []
      columns.visitLast(moment, (start, end, value) => last.push([start, end, plain(value)]))
      const wanted = expected.findLast(([, end]) => end <= moment)
      assert.deepEqual(last, wanted ? [wanted] : [])
    }
    const dropped = columns.dropUntil(from)
    assert.equal(columns.dropped, dropped)
    assert.ok(dropped <= 301 && dropped > 100, `dropped ${dropped}`)
    assert.deepEqual(read(columns), expected.slice(dropped))
    assert.equal(columns.length, 1000 - dropped)
  })
}

test('counts that grow slowly, grow fast, and reset', () => {
  const layout = bucketLayout({ explicitBuckets: { bounds: [1, 2] } })
  const columns = new PointColumns('DISTRIBUTION', new PagePool())
  const expected: unknown[] = []
  let counts = [0, 0, 0]
  for (let index = 0; index < 600; index++) {
    const growth = index < 200 ? 7 : index < 400 ? 30_000 : 3e9
    counts = index % 150 === 149 ? [1, 0, 2] : counts.map((count, bucket) => count + growth * bucket)
    const value = {
      layout,
      counts,
      count: counts.reduce((sum, one) => sum + one, 0),
      mean: index,
      sumOfSquaredDeviation: 1,
    }
    columns.append(T0, T0 + (index + 1) * 30e6, value)
    expected.push(plain(value))
  }
  assert.deepEqual(
    read(columns).map(([, , value]) => value),
    expected,
  )
})

describe('memory', () => {
  const hours6at30s = 720
  test('a number takes 10 bytes, and little more', () => {
    const columns = new PointColumns('DOUBLE', new PagePool())
    for (let index = 0; index < hours6at30s; index++) columns.append(T0, T0 + (index + 1) * 30e6, index)
    assert.ok(columns.byteLength < hours6at30s * 11, `${columns.byteLength} bytes`)
  })

  test('a distribution takes 18 bytes and 2 for each bucket, and little more', () => {
    const columns = new PointColumns('DISTRIBUTION', new PagePool())
    const layout = bucketLayout({ explicitBuckets: { bounds: Array.from({ length: 14 }, (_, index) => index) } })
    const value: DistributionValue = {
      layout,
      counts: Array.from({ length: 15 }, () => 1),
      count: 15,
      mean: 1,
      sumOfSquaredDeviation: 1,
    }
    for (let index = 0; index < hours6at30s; index++) columns.append(T0, T0 + (index + 1) * 30e6, value)
    assert.ok(columns.byteLength < hours6at30s * (18 + 2 * 15) * 1.15, `${columns.byteLength} bytes`)
  })

  test('times finer than a millisecond, or hours apart, take 2 bytes more', () => {
    for (const gapMicros of [30e6 + 1, 3600e6]) {
      const columns = new PointColumns('DOUBLE', new PagePool())
      for (let index = 0; index < hours6at30s; index++) columns.append(T0, T0 + (index + 1) * gapMicros, index)
      assert.ok(columns.byteLength < hours6at30s * 15, `${columns.byteLength} bytes`)
    }
  })

  test("dropped points don't count", () => {
    const columns = new PointColumns('INT64', new PagePool())
    for (let index = 0; index < 500; index++) columns.append(T0, T0 + (index + 1) * 30e6, BigInt(index))
    columns.dropUntil(Number.MAX_SAFE_INTEGER)
    assert.deepEqual([columns.length, columns.byteLength, columns.lastEndMicros], [0, 0, undefined])
  })
})
