import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { protos } from '@google-cloud/monitoring'
import { isOrderRefusal, isStartRefusal, readRefusedRequest, retryClass } from './api-error.ts'

const ORDER =
  'Points must be written in order. One or more of the points specified had an older start time than the most recent point.'
const FREQUENT =
  'One or more points were written more frequently than the maximum sampling period configured for the metric.'

function details(success: number, errors: readonly { code: number; message: string; points: number }[]): Uint8Array {
  const summary = protos.google.monitoring.v3.CreateTimeSeriesSummary.encode({
    totalPointCount: 200,
    successPointCount: success,
    errors: errors.map(({ code, message, points }) => ({ status: { code, message }, pointCount: points })),
  }).finish()
  return protos.google.rpc.Status.encode({
    code: 3,
    details: [{ type_url: 'type.googleapis.com/google.monitoring.v3.CreateTimeSeriesSummary', value: summary }],
  }).finish()
}

describe('readRefusedRequest', () => {
  const cases: { title: string; message: string; expected: Record<number, { code: number; reason: string }> }[] = [
    {
      title: 'the form of 2025',
      message: `One or more TimeSeries could not be written: timeSeries[0-2]: write for resource=generic_node{location:global,node_id:,namespace:} failed with: ${ORDER}`,
      expected: Object.fromEntries([0, 1, 2].map((index) => [index, { code: 3, reason: ORDER }])),
    },
    {
      title: 'the form of 2025 with two reasons',
      message: `One or more TimeSeries could not be written: timeSeries[1]: write for resource=k8s_pod{pod_name:a} failed with: ${ORDER}; timeSeries[4,6-7]: write for resource=k8s_pod{pod_name:b} failed with: ${FREQUENT}`,
      expected: {
        1: { code: 3, reason: ORDER },
        4: { code: 9, reason: FREQUENT },
        6: { code: 9, reason: FREQUENT },
        7: { code: 9, reason: FREQUENT },
      },
    },
    {
      title: 'the older form with two reasons',
      message: `One or more TimeSeries could not be written: ${ORDER}: timeSeries[0,2]; ${FREQUENT}: timeSeries[5]`,
      expected: { 0: { code: 3, reason: ORDER }, 2: { code: 3, reason: ORDER }, 5: { code: 9, reason: FREQUENT } },
    },
    {
      title: 'a field of one series',
      message:
        'Field timeSeries[36].points[0].distributionValue had an invalid value: Distribution |explicit_buckets.bounds| does not have at least one entry.',
      expected: {
        36: {
          code: 3,
          reason:
            'Field timeSeries[36].points[0].distributionValue had an invalid value: Distribution |explicit_buckets.bounds| does not have at least one entry.',
        },
      },
    },
    { title: 'no index', message: 'Request was malformed.', expected: {} },
    { title: 'an index beyond the request', message: 'timeSeries[999]: x', expected: {} },
  ]
  for (const { title, message, expected } of cases) {
    it(`reads ${title}`, () => {
      const { refusals } = readRefusedRequest({ code: 3, message }, 200)
      assert.deepEqual(Object.fromEntries(refusals), expected)
    })
  }

  it('uses the code of each reason in the summary', () => {
    const { summary, refusals } = readRefusedRequest(
      {
        code: 3,
        message: `One or more TimeSeries could not be written: Internal error: timeSeries[0]; ${ORDER}: timeSeries[1]`,
        details: details(198, [
          { code: 13, message: 'Internal error', points: 1 },
          { code: 3, message: ORDER, points: 1 },
        ]),
      },
      200,
    )
    assert.equal(summary?.successPoints, 198)
    assert.equal(refusals.get(0)?.code, 13)
    assert.equal(refusals.get(1)?.code, 3)
  })

  it('ignores a summary that it can’t decode', () => {
    const { summary, refusals } = readRefusedRequest(
      { code: 3, message: 'x: timeSeries[0]', details: Buffer.from('garbage') },
      1,
    )
    assert.equal(summary, undefined)
    assert.equal(refusals.size, 1)
  })
})

describe('retryClass', () => {
  const classes = { retry: [1, 2, 4, 8, 10, 13, 14], wait: [5, 7, 12, 16], refuse: [3, 6, 9, 11, 15] }
  for (const [expected, codes] of Object.entries(classes)) {
    it(`is ${expected} for ${codes.join(', ')}`, () => {
      for (const code of codes) assert.equal(retryClass(code), expected)
    })
  }
})

it('recognizes refusals because of order and start', () => {
  assert.equal(isOrderRefusal(ORDER), true)
  assert.equal(isStartRefusal(ORDER), true)
  assert.equal(isStartRefusal(ORDER.replace('start', 'end')), false)
  assert.equal(isOrderRefusal(FREQUENT), false)
})
