import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  attributes,
  exponentialHistogram,
  gauge,
  histogram,
  nanos,
  point,
  read,
  request,
  send,
  sum,
} from '../../../test/testing/otlp-metrics.ts'
import { requestJson, startTestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'

describe('what is rejected, while the rest is stored', () => {
  const start = nanos(0)
  const cases: [what: string, metric: object, rejected: number, message: RegExp][] = [
    ['a name with a space', gauge('a b', point(), point()), 2, /The metric name "a b" does not match/],
    ['a name that begins with a hyphen', gauge('-a', point()), 1, /"-a" does not match/],
    ['a name that begins with an underscore', gauge('_a', point()), 1, /"_a" does not match/],
    ['only a domain', gauge('prometheus.googleapis.com/', point()), 1, /does not match/],
    [
      'another Google domain',
      gauge('compute.googleapis.com/a', point()),
      1,
      /The domain of metric compute\.googleapis\.com\/a must be prometheus\.googleapis\.com, or be omitted/,
    ],
    ['a name that begins with a digit', gauge('1a', point()), 1, /"1a" does not match/],
    ['a name with non-ASCII characters', gauge('größe', point()), 1, /does not match/],
    ['an empty name', gauge('', point()), 1, /The metric name "" does not match/],
    ['a long name', gauge('a'.repeat(300), point()), 1, /at most 200 are allowed/],
    ['a label key with a hyphen', gauge('a', point({ attributes: attributes({ 'a-b': '' }) })), 1, /label key "a-b"/],
    [
      'too many labels',
      gauge(
        'a',
        point({ attributes: attributes(Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`k${i}`, '']))) }),
      ),
      1,
      /It has 201 labels; at most 200/,
    ],
    [
      'a label key of more than 100 characters',
      gauge('a', point({ attributes: attributes({ ['k'.repeat(101)]: '' }) })),
      1,
      /A label key must .* have at most 100 characters/,
    ],
    [
      'a label value of more than 1,024 characters',
      gauge('a', point({ attributes: attributes({ k: 'v'.repeat(1025) }) })),
      1,
      /The label value has 1025 characters; at most 1024/,
    ],
    ['no temporality', sum({ aggregationTemporality: 0 }, point()), 1, /temporality of metric requests must be set/],
    ['a histogram without temporality', histogram({}, 0), 1, /temporality of metric latency must be set/],
    ['a label key with a slash', gauge('a', point({ attributes: attributes({ 'a/b': '' }) })), 1, /label key "a\/b"/],
    [
      'a label key that begins with a digit',
      gauge('a', point({ attributes: attributes({ '1a': '' }) })),
      1,
      /label key "1a"/,
    ],
    [
      'a label key with non-ASCII characters',
      gauge('a', point({ attributes: attributes({ größe: '' }) })),
      1,
      /label key "größe"/,
    ],
    [
      'a non-monotonic delta sum',
      sum({ aggregationTemporality: 1, isMonotonic: false }, point()),
      1,
      /send it as cumulative/,
    ],
    ['a counter without a start', sum({}, point({ startTimeUnixNano: start })), 1, /start time must be before the end/],
    ['a point from yesterday', gauge('a', point({ timeUnixNano: nanos(-100_000) })), 1, /more than 25h10s in the past/],
    ['a point from tomorrow', gauge('a', point({ timeUnixNano: nanos(100_000) })), 1, /more than 5m in the future/],
    ['a histogram whose counts differ', histogram({ count: 9 }), 1, /is not the sum of \|bucket_counts\|/],
    ['decreasing bounds', histogram({ explicitBounds: [5, 1] }), 1, /must be strictly increasing/],
  ]
  for (const [what, metric, rejected, message] of cases)
    test(what, async (context) => {
      const emulator = await startTestEmulator(context)
      const answer = await send(emulator, request([metric, gauge('good', point())]))
      assert.equal(answer.rejected, rejected)
      assert.match(answer.message, message)
      assert.equal((await read(emulator, 'good/gauge')).length, 1)
      const { total, refusals } = (await requestJson(`${emulator.url}/api/refusals`)).json
      assert.equal(total, rejected)
      assert.match(refusals[0].message, message)
    })

  test('a point without a recorded value is neither stored nor rejected', async (context) => {
    const emulator = await startTestEmulator(context)
    assert.deepEqual(await send(emulator, request([gauge('a', point({ flags: 1 }))])), { rejected: 0, message: '' })
    assert.deepEqual(await read(emulator, 'a/gauge'), [])
  })

  test('points too close together', async (context) => {
    const emulator = await startTestEmulator(context)
    await send(emulator, request([sum({}, point())]))
    emulator.setTime(2)
    const close = await send(emulator, request([sum({}, point({ timeUnixNano: nanos(2) }))]))
    assert.match(close.message, /written more frequently than the maximum sampling period/)
  })

  test('doubles for a metric with integers, or a different kind', async (context) => {
    const emulator = await startTestEmulator(context)
    await writeAt(
      emulator,
      -60,
      { type: 'prometheus.googleapis.com/integer/gauge', value: { int64Value: '1' } },
      { type: 'prometheus.googleapis.com/requests/counter' },
    )
    emulator.setTime(0)
    const { rejected, message } = await send(emulator, request([gauge('integer', point()), sum({}, point())]))
    assert.equal(rejected, 2)
    assert.match(message, /conflicts with the existing value type \(INT64\)/)
    assert.match(message, /requests\/counter must be GAUGE, but is CUMULATIVE/)
  })
})

test('after a reset a counter restarts; the total change is that of both parts', async (context) => {
  const emulator = await startTestEmulator(context)
  const at = async (startSeconds: number, seconds: number, asDouble: number): Promise<void> => {
    emulator.setTime(seconds)
    const dataPoint = point({ startTimeUnixNano: nanos(startSeconds), timeUnixNano: nanos(seconds), asDouble })
    assert.deepEqual(await send(emulator, request([sum({}, dataPoint)])), { rejected: 0, message: '' })
  }
  await at(-60, 0, 5)
  await at(-60, 60, 8)
  await at(90, 120, 2)
  const [{ points }] = await read(emulator, 'requests/counter')
  assert.deepEqual(
    points.map(({ value }: { value: { doubleValue: number } }) => value.doubleValue),
    [2, 8, 5],
  )
})

test('an exponential histogram may change its scale from point to point', async (context) => {
  const emulator = await startTestEmulator(context)
  for (const [seconds, scale, offset, bucketCounts] of [
    [0, 3, 8, [1, 2]],
    [60, 1, 2, [3, 4, 5]],
  ] as const) {
    emulator.setTime(seconds)
    const count = bucketCounts.reduce((total, one) => total + one, 0)
    const changes = { timeUnixNano: nanos(seconds), count, sum: 1, scale, positive: { offset, bucketCounts } }
    const metric = exponentialHistogram(changes)
    assert.deepEqual(await send(emulator, request([metric])), { rejected: 0, message: '' })
  }
  const [{ points }] = await read(emulator, 'size/histogram')
  assert.deepEqual(
    points.map(
      (one: { value: { distributionValue: { bucketCounts: string[] } } }) => one.value.distributionValue.bucketCounts,
    ),
    [
      ['0', '3', '4', '5', '0'],
      ['0', '1', '2', '0'],
    ],
  )
})
