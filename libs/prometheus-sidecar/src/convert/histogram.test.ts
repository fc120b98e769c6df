import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom, seedFromEnvironment } from '../../test/testing/seeded-random.ts'
import type { CumulativeCursor, WrittenInterval } from './cumulative.ts'
import { convertHistogram, type HistogramSample } from './histogram.ts'

const BOUNDS = [1, 2, Number.POSITIVE_INFINITY]
const NEW: CumulativeCursor = { startMs: Number.NaN, resetValue: 0, lastMs: Number.NaN, lastValue: Number.NaN }

/** Converts one histogram, scrape after scrape, as ingestion does. */
class Stream {
  readonly #cursors = new Map<string, CumulativeCursor>()
  #written: WrittenInterval = { startMs: Number.NaN, endMs: Number.NaN }

  /** `buckets` are cumulative. */
  scrape(timestampMs: number, buckets: readonly number[], options: { createdMs?: number; sum?: number } = {}) {
    const count = buckets.at(-1) ?? 0
    const parts = [
      ...buckets.map((value, index) => ({ role: 'bucket' as const, bound: BOUNDS[index] ?? 0, value })),
      { role: 'count' as const, bound: Number.NaN, value: count },
      { role: 'sum' as const, bound: Number.NaN, value: options.sum ?? count * 1.5 },
    ]
    const samples = parts.map(
      (part): HistogramSample => ({ ...part, ...(this.#cursors.get(`${part.role} ${part.bound}`) ?? NEW) }),
    )
    const step = convertHistogram(
      samples,
      this.#written,
      { timestampMs, createdMs: options.createdMs ?? Number.NaN, restarted: false },
      [],
      0,
    )
    for (const { role, bound, value, startMs, resetValue } of samples) {
      const kept = step.baseline === 'kept'
      this.#cursors.set(`${role} ${bound}`, {
        startMs: kept ? startMs : step.startMs,
        resetValue: kept ? resetValue : step.baseline === 'zero' ? 0 : value,
        lastMs: timestampMs,
        lastValue: value,
      })
    }
    if (typeof step.result !== 'string') this.#written = { startMs: step.startMs, endMs: timestampMs }
    return { startMs: step.startMs, result: step.result }
  }
}

const counts = ({ startMs, result }: ReturnType<Stream['scrape']>) =>
  typeof result === 'string' ? result : [startMs, ...result.bucketCounts]

test('a restart in which no part falls is detected if the buckets contradict the interval', () => {
  const stream = new Stream()
  assert.equal(counts(stream.scrape(1000, [0, 5, 5])), 'first_sample')
  assert.deepEqual(counts(stream.scrape(2000, [0, 6, 6])), [1000, 0, 1, 0])
  assert.deepEqual(counts(stream.scrape(3000, [9, 9, 9])), [2999, 9, 0, 0])
  assert.deepEqual(counts(stream.scrape(4000, [9, 9, 10])), [2999, 9, 0, 1])
})

test('a restart in which no count falls is detected by a fallen sum together with uneven bucket gains, not by either alone', () => {
  const cases: readonly [buckets: readonly number[], sum: number, expected: readonly number[]][] = [
    [[8, 8, 9], 12, [2999, 8, 0, 1]],
    [[8, 8, 9], 30, [1000, 8, 0, 1]],
    [[8, 9, 13], 12, [1000, 8, 1, 4]],
  ]
  for (const [buckets, sum, expected] of cases) {
    const stream = new Stream()
    stream.scrape(1000, [0, 0, 0], { sum: 0 })
    assert.deepEqual(counts(stream.scrape(2000, [5, 5, 9], { sum: 20 })), [1000, 5, 0, 4])
    assert.deepEqual(counts(stream.scrape(3000, buckets, { sum })), expected)
  }
})

test('contradictory buckets yield no point, and the next consistent ones do', () => {
  const stream = new Stream()
  stream.scrape(1000, [0, 0, 0])
  assert.equal(counts(stream.scrape(2000, [3, 2, 4])), 'histogram_inconsistent')
  assert.deepEqual(counts(stream.scrape(3000, [3, 3, 4])), [1000, 3, 0, 1])
})

test('for any scrapes, intervals do not overlap, buckets add up to the count, and nothing is negative', (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  for (let run = 0; run < 500; run++) {
    const random = seededRandom(seed + run)
    const stream = new Stream()
    let last: { startMs: number; endMs: number } | undefined
    for (let scrape = 1; scrape < 30; scrape++) {
      const timestampMs = scrape * 1000
      const buckets = BOUNDS.map(() => random.below(random.pick([1, 5, 1000])))
      if (random.below(4) > 0) buckets.sort((a, b) => a - b)
      const createdMs = random.below(3) === 0 ? timestampMs - random.below(5000) : Number.NaN
      const { startMs, result } = stream.scrape(timestampMs, buckets, { createdMs, sum: random.below(100) })
      if (typeof result === 'string') continue
      const where = `SEED=${seed + run}, scrape ${scrape}`
      assert.ok(startMs < timestampMs, where)
      assert.ok(last === undefined || startMs === last.startMs || startMs > last.endMs, where)
      assert.equal(
        result.bucketCounts.reduce((sum, count) => sum + count, 0),
        result.count,
        where,
      )
      assert.ok(
        result.bucketCounts.every((count) => count >= 0),
        where,
      )
      last = { startMs, endMs: timestampMs }
    }
  }
})
