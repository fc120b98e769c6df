import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { batchOf, sample } from '../../test/testing/ingester-rig.ts'
import { nativeHistogram } from '../../test/testing/native-histogram.ts'
import type { SampleBatch } from '../model/sample.ts'
import { newestOf, samplesWithin } from './samples-within.ts'

const histogramAt = (timestampMs: number) => nativeHistogram({ timestampMs })

/** One series with samples at these times, the last one stale, and native histograms at others. */
function batch(times: readonly number[], histograms: readonly number[] = []): SampleBatch {
  const { bytes, spans } = batchOf([sample('g 1 @1')])
  const [span] = spans
  assert.ok(span !== undefined)
  return {
    bytes,
    spans: [
      {
        ...span,
        samplesStart: 0,
        samplesEnd: times.length,
        stale: true,
        nativeHistograms: histograms.length === 0 ? undefined : histograms.map(histogramAt),
      },
    ],
    timestampsMs: times,
    values: times,
  }
}

function describeBatch({ spans, timestampsMs }: SampleBatch): string[] {
  return spans.map(
    ({ samplesStart, samplesEnd, stale, nativeHistograms = [] }) =>
      `${timestampsMs.slice(samplesStart, samplesEnd)}${stale ? ' stale' : ''} | ${nativeHistograms.map(({ timestampMs }) => timestampMs)}`,
  )
}

describe('samples within a time range', () => {
  const cases: [name: string, batch: SampleBatch, expected: string[], left: number][] = [
    ['all of them', batch([11, 20], [15]), ['11,20 stale | 15'], 0],
    ['its start is exclusive, its end inclusive', batch([10, 11, 20, 21]), ['11,20 | '], 2],
    ['the stale marker only if it is the last sample', batch([5, 11]), ['11 stale | '], 1],
    ['a span without samples is omitted', batch([5, 21]), [], 2],
    ['native histograms too', batch([], [5, 15, 25]), [' stale | 15'.replace(' stale', '')], 2],
  ]
  for (const [name, given, expected, left] of cases) {
    it(name, () => {
      const found = samplesWithin(given, { fromMs: 10, untilMs: 20 })
      assert.deepEqual([describeBatch(found.batch), found.left], [expected, left])
    })
  }

  it('are the same batch if nothing is omitted', () => {
    const given = batch([11, 20], [15])
    assert.equal(samplesWithin(given, { fromMs: 10, untilMs: 20 }).batch, given)
  })
})

describe('the newest time of a batch', () => {
  it('is that of samples and native histograms, except those too far ahead', () => {
    assert.equal(newestOf(batch([1, 7, 3], [5]), 100), 7)
    assert.equal(newestOf(batch([1, 7, 3], [50]), 100), 50)
    assert.equal(newestOf(batch([1, 700, 3], [500]), 100), 3)
    assert.equal(newestOf(batch([]), 100), Number.NEGATIVE_INFINITY)
  })
})
