import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { queryAnswer, querySeries } from '../../../../test/testing/query-answer.ts'
import type { QueryResult } from '../../../contract/charts.ts'
import { shiftResult, timeshiftMs, timeshiftText } from './timeshift.ts'

describe('timeshiftDuration', () => {
  for (const [duration, shiftMs, text] of [
    ['604800s', 604_800_000, '1 week before'],
    ['1209600s', 1_209_600_000, '2 weeks before'],
    ['86400s', 86_400_000, '1 day before'],
    ['5400s', 5_400_000, '90 minutes before'],
    ['90s', 90_000, '90 seconds before'],
    ['1.5s', 1500, '1.5 seconds before'],
  ] as const) {
    it(`${duration} is ${text}`, () => {
      assert.equal(timeshiftMs(duration), shiftMs)
      assert.equal(timeshiftText(shiftMs), text)
    })
  }

  for (const duration of [undefined, '0s', '', '-60s', '1h']) {
    it(`${duration} compares with nothing`, () => assert.equal(timeshiftMs(duration), undefined))
  }
})

describe('a result for earlier times', () => {
  it('is shifted to the current period ends', () => {
    const earlier = queryAnswer({
      alignmentPeriodSeconds: 60,
      series: [querySeries({ timesMs: [60_000, 120_000], values: [1, 2] })],
    })
    assert.deepEqual(shiftResult(earlier, 3_600_000).series?.[0]?.timesMs, [3_660_000, 3_720_000])
    assert.deepEqual(shiftResult(earlier, 3_610_000).series?.[0]?.timesMs, [3_660_000, 3_720_000])
  })

  it('is shifted exactly if it is not aligned', () => {
    const raw = queryAnswer({ alignmentPeriodSeconds: 0, series: [querySeries({ timesMs: [61_234], values: [1] })] })
    assert.deepEqual(shiftResult(raw, 1000).series?.[0]?.timesMs, [62_234])
  })

  it('is not changed if it failed', () => {
    const failed: QueryResult = { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'no' } }
    assert.equal(shiftResult(failed, 1000), failed)
  })
})
