import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { protos } from '@google-cloud/monitoring'
import { writeSummaryOf } from './write-summary.ts'

const { CreateTimeSeriesSummary } = protos.google.monitoring.v3
const TYPE = 'type.googleapis.com/google.monitoring.v3.CreateTimeSeriesSummary'

const SUMMARY = CreateTimeSeriesSummary.encode({
  totalPointCount: 200,
  successPointCount: 197,
  errors: [
    {
      status: { code: 3, message: 'Bad value.', details: [{ type_url: 'x', value: Buffer.from('y') }] },
      pointCount: 2,
    },
    { pointCount: 1 },
  ],
}).finish()

function details(...all: readonly { type_url: string; value: Uint8Array }[]): Uint8Array {
  return protos.google.rpc.Status.encode({ code: 3, message: 'Some points.', details: [...all] }).finish()
}

describe('writeSummaryOf', () => {
  const read = {
    totalPoints: 200,
    successPoints: 197,
    errors: [
      { code: 3, message: 'Bad value.', points: 2 },
      { code: 2, message: '', points: 1 },
    ],
  }
  for (const [title, bytes, expected] of [
    ['the summary', details({ type_url: TYPE, value: SUMMARY }), read],
    [
      'behind other details',
      details({ type_url: 'x/y.Z', value: Buffer.from([0xff]) }, { type_url: TYPE, value: SUMMARY }),
      read,
    ],
    ['empty', details({ type_url: TYPE, value: Buffer.alloc(0) }), { totalPoints: 0, successPoints: 0, errors: [] }],
    ['no details', details(), undefined],
    ['other details', details({ type_url: 'x/y.Z', value: SUMMARY }), undefined],
    ['a summary that is cut off', details({ type_url: TYPE, value: SUMMARY.subarray(0, -1) }), undefined],
    ['no status at all', Buffer.from('<html>'), undefined],
  ] as const) {
    it(title, () => assert.deepEqual(writeSummaryOf(bytes), expected))
  }

  it('is undefined or a summary for any part of the bytes', () => {
    const whole = details({ type_url: TYPE, value: SUMMARY })
    for (let end = 0; end < whole.length; end++) assert.doesNotThrow(() => writeSummaryOf(whole.subarray(0, end)))
  })
})
