import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  attributes,
  exponentialHistogram,
  gauge,
  histogram,
  nanos,
  point,
  request,
  send,
  sum,
} from '../../../test/testing/otlp-metrics.ts'
import { API, getApi } from '../../../test/testing/prometheus-api.ts'
import { startTestEmulator } from '../../../test/testing/running-emulator.ts'
import { START_SECONDS } from '../../../test/testing/time-series.ts'

/** Five minutes of metrics, one point per minute. */
const minuteOf = (minute: number): object[] => {
  const times = { startTimeUnixNano: nanos(-60), timeUnixNano: nanos(minute * 60) }
  const delta = { ...times, startTimeUnixNano: nanos((minute - 1) * 60) }
  const counts = [minute, 3 * minute]
  return [
    gauge('my.metric-name', point({ ...times, attributes: attributes({ 'label.key': 'value' }) })),
    sum({}, point({ ...times, asDouble: 60 * minute })),
    { ...sum({ aggregationTemporality: 1 }, point({ ...delta, asDouble: 60 })), name: 'deltas' },
    exponentialHistogram({
      ...times,
      count: 4 * minute,
      sum: 10 * minute,
      scale: 0,
      positive: { offset: 0, bucketCounts: counts },
    }),
    histogram({ ...delta, count: 4, sum: 8, bucketCounts: [2, 2, 0], explicitBounds: [1, 5] }, 1),
  ]
}

const CASES: readonly (readonly [what: string, query: string, value: string])[] = [
  ['a name with special characters, in quotes', '{"my.metric-name"}', '1.5'],
  ['a label with special characters', '{"my.metric-name", "label.key"="value"}', '1.5'],
  ['a counter', 'rate(requests[5m])', '1'],
  ['a delta counter', 'rate(deltas[5m])', '1'],
  ['a quantile of an exponential histogram', 'histogram_quantile(.25, sum by (le) (rate(size_bucket[5m])))', '2'],
  ['a quantile of a delta histogram', 'histogram_quantile(.5, sum by (le) (rate(latency_bucket[5m])))', '1'],
]

test('OTLP metrics can be queried with PromQL', async (context) => {
  const emulator = await startTestEmulator(context)
  for (let minute = 0; minute <= 5; minute++) {
    emulator.setTime(minute * 60)
    assert.deepEqual(await send(emulator, request(minuteOf(minute))), { rejected: 0, message: '' })
  }
  for (const [what, query, value] of CASES) {
    const { json } = await getApi(emulator, `${API}/query`, { query, time: String(START_SECONDS + 300) })
    const values = json.data?.result.map((one: { value: [number, string] }) => one.value[1])
    assert.deepEqual(values, [value], what)
  }
})
