import assert from 'node:assert/strict'
import { requestJson } from '../../test/testing/running-emulator.ts'

/**
 * Reads back over REST what the `send` programs write: a span, a counter, a histogram, a gauge and a log line.
 *
 * @param url - the emulator's
 * @param traceId - of the span, which the program has printed
 */
export async function expectTelemetry(url: string, traceId: string): Promise<void> {
  const { json: trace } = await requestJson(`${url}/v1/projects/demo-project/traces/${traceId}`)
  assert.deepEqual(
    trace.spans?.map(({ name }: { name: string }) => name),
    ['peer-span'],
    JSON.stringify(trace),
  )

  const orders = await onlySeries(url, 'peer_orders/counter')
  assert.equal(orders.metricKind, 'CUMULATIVE')
  assert.equal(orders.metric.labels.shop, 'north')
  assert.equal(orders.points[0].value.doubleValue, 3)
  const durations = await onlySeries(url, 'peer_duration/histogram')
  assert.equal(durations.points[0].value.distributionValue.count, '1')
  const level = await onlySeries(url, 'peer_level/gauge')
  assert.equal(level.points[0].value.doubleValue, 7)

  const body = { resourceNames: ['projects/demo-project'], filter: 'textPayload="peer log line" labels.order=17' }
  const { json: logs } = await requestJson(`${url}/v2/entries:list`, { body })
  assert.deepEqual(
    logs.entries?.map(({ severity }: { severity: string }) => severity),
    ['WARNING'],
    JSON.stringify(logs),
  )

  const { json } = await requestJson(`${url}/api/refusals?project=demo-project&limit=1000`)
  // SDKs also send metrics about themselves, which are ignored here.
  const ofProgram = json.refusals.filter(
    ({ metricType, points }: { metricType?: string; points: number }) =>
      points > 0 && (metricType?.includes('/peer_') ?? true),
  )
  assert.deepEqual(ofProgram, [])
}

async function onlySeries(url: string, name: string) {
  const query = new URLSearchParams({
    filter: `metric.type="prometheus.googleapis.com/${name}"`,
    'interval.startTime': new Date(Date.now() - 3_600_000).toISOString(),
    'interval.endTime': new Date(Date.now() + 60_000).toISOString(),
  })
  const { json } = await requestJson(`${url}/v3/projects/demo-project/timeSeries?${query}`)
  assert.equal(json.timeSeries?.length, 1, `${name}: ${JSON.stringify(json)}`)
  return json.timeSeries[0]
}
