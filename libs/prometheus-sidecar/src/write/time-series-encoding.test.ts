import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { protos } from '@google-cloud/monitoring'
import type { Point, TimeSeriesIdentity } from '../model/time-series.ts'
import { encodeIdentity, encodeRequest } from './time-series-encoding.ts'

const { CreateTimeSeriesRequest, SpanContext, DroppedLabels } = protos.google.monitoring.v3

const IDENTITY: TimeSeriesIdentity = {
  metricType: 'external.googleapis.com/prometheus/up',
  metricLabels: new Map([
    ['path', '/é'],
    ['method', 'GET'],
  ]),
  resourceType: 'k8s_container',
  resourceLabels: new Map([['pod_name', 'p-1']]),
  metricKind: 'CUMULATIVE',
  valueType: 'DOUBLE',
}

function decode(points: readonly Point[], identity: TimeSeriesIdentity = IDENTITY, integer = false) {
  const encoded = encodeIdentity(identity)
  const bytes = encodeRequest(
    'projects/demo',
    points.map((point) => ({ identity: encoded, head: { point }, integer })),
  )
  return CreateTimeSeriesRequest.toObject(CreateTimeSeriesRequest.decode(bytes), { longs: Number, enums: String })
}

describe('encodeRequest, read back by Google’s own protos', () => {
  it('writes metric, resource, kind, value type, interval and value', () => {
    assert.deepEqual(decode([{ startMs: 1_700_000_000_001, endMs: 1_700_000_010_000, value: 12.5 }]), {
      name: 'projects/demo',
      timeSeries: [
        {
          metric: { type: 'external.googleapis.com/prometheus/up', labels: { method: 'GET', path: '/é' } },
          resource: { type: 'k8s_container', labels: { pod_name: 'p-1' } },
          metricKind: 'CUMULATIVE',
          valueType: 'DOUBLE',
          points: [
            {
              interval: {
                endTime: { seconds: 1_700_000_010 },
                startTime: { seconds: 1_700_000_000, nanos: 1_000_000 },
              },
              value: { doubleValue: 12.5 },
            },
          ],
        },
      ],
    })
  })

  it('omits the start of a gauge', () => {
    const [series] = decode([{ startMs: undefined, endMs: 5_000, value: 0 }]).timeSeries ?? []
    assert.deepEqual(series?.points, [{ interval: { endTime: { seconds: 5 } }, value: { doubleValue: 0 } }])
  })

  for (const value of [0, 1, 127, 128, 300, 2 ** 31, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER, -1, -(2 ** 40)]) {
    it(`writes the integer ${value}`, () => {
      const [series] = decode([{ startMs: undefined, endMs: 1, value }], IDENTITY, true).timeSeries ?? []
      assert.equal(series?.points?.[0]?.value?.int64Value, value)
    })
  }

  for (const value of [-0.5, 1e300, Number.POSITIVE_INFINITY]) {
    it(`writes the double ${value}`, () => {
      const [series] = decode([{ startMs: undefined, endMs: 1, value }]).timeSeries ?? []
      assert.equal(series?.points?.[0]?.value?.doubleValue, value)
    })
  }

  it('writes a distribution with its exemplars', () => {
    const bytes = encodeRequest('projects/demo', [
      {
        identity: encodeIdentity({ ...IDENTITY, valueType: 'DISTRIBUTION' }),
        integer: false,
        head: {
          point: {
            startMs: 1,
            endMs: 2,
            value: {
              count: 1003,
              mean: 0.25,
              sumOfSquaredDeviation: 1.5,
              bounds: [0.1, 1],
              bucketCounts: [1000, 0, 3],
              exemplars: [
                {
                  value: 0.05,
                  timestampMs: 1_500,
                  spanName: 'projects/demo/traces/t/spans/s',
                  labels: new Map([['user', 'x']]),
                },
                { value: 7, timestampMs: 1_000, spanName: undefined, labels: new Map() },
              ],
            },
          },
        },
      },
    ])
    const request = CreateTimeSeriesRequest.decode(bytes)
    const distribution = request.timeSeries[0]?.points?.[0]?.value?.distributionValue
    assert.equal(Number(distribution?.count), 1003)
    assert.equal(distribution?.mean, 0.25)
    assert.equal(distribution?.sumOfSquaredDeviation, 1.5)
    assert.deepEqual(distribution?.bucketOptions?.explicitBuckets?.bounds, [0.1, 1])
    assert.deepEqual(distribution?.bucketCounts?.map(Number), [1000, 0, 3])
    const [first, second] = distribution?.exemplars ?? []
    assert.equal(first?.value, 0.05)
    assert.equal(Number(first?.timestamp?.seconds), 1)
    assert.equal(first?.timestamp?.nanos, 500_000_000)
    const [span, dropped] = first?.attachments ?? []
    assert.equal(span?.type_url, 'type.googleapis.com/google.monitoring.v3.SpanContext')
    assert.equal(SpanContext.decode(Buffer.from(span?.value ?? '')).spanName, 'projects/demo/traces/t/spans/s')
    assert.equal(dropped?.type_url, 'type.googleapis.com/google.monitoring.v3.DroppedLabels')
    assert.deepEqual(DroppedLabels.decode(Buffer.from(dropped?.value ?? '')).label, { user: 'x' })
    assert.deepEqual(second?.attachments, [])
  })

  it('writes many series of any size', () => {
    const points = Array.from(
      { length: 200 },
      (_, index): Point => ({ startMs: undefined, endMs: index, value: index }),
    )
    const bounds = Array.from({ length: 200 }, (_, index) => index)
    points[7] = {
      startMs: 0,
      endMs: 7,
      value: { count: 0, mean: 0, sumOfSquaredDeviation: 0, bounds, bucketCounts: bounds.map(() => 0), exemplars: [] },
    }
    const decoded = decode(points)
    assert.equal(decoded.timeSeries?.length, 200)
    assert.equal(decoded.timeSeries?.[199]?.points?.[0]?.value?.doubleValue, 199)
    assert.equal(
      decoded.timeSeries?.[7]?.points?.[0]?.value?.distributionValue?.bucketOptions?.explicitBuckets?.bounds?.length,
      200,
    )
  })
})
