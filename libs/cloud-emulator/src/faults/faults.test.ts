import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { metricClient } from '../../test/testing/metric-client.ts'
import { type JsonAnswer, requestJson, startTestEmulator } from '../../test/testing/running-emulator.ts'
import { START_SECONDS, seriesJson } from '../../test/testing/time-series.ts'
import { FaultInjector } from './fault-injector.ts'

const SERIES = '/v3/projects/demo-project/timeSeries'

async function start(context: TestContext) {
  const emulator = await startTestEmulator(context)
  let end = 0
  return {
    ...emulator,
    fault: (body: object) => requestJson(`${emulator.url}/faults`, { body }),
    /** Writes series whose points all have the same time. */
    write: (count = 1): Promise<JsonAnswer> => {
      end += 10
      emulator.setTime(end)
      const timeSeries = Array.from({ length: count }, (_, index) =>
        seriesJson({ labels: { index: String(index) }, end }),
      )
      return requestJson(`${emulator.url}${SERIES}`, { body: { timeSeries } })
    },
    points: async () => (await requestJson(`${emulator.url}/api/summary`)).json.points as number,
  }
}

test('a code: the call fails with it and has no effect', async (context) => {
  const { fault, write, points } = await start(context)
  const { status, json } = await fault({ code: 'UNAVAILABLE', message: 'try later' })
  assert.equal(status, 201)
  assert.deepEqual([json.code, json.share, json.methods], ['UNAVAILABLE', 1, []])
  assert.deepEqual(await write(), {
    status: 503,
    json: { error: { code: 503, message: 'try later', status: 'UNAVAILABLE' } },
  })
  assert.equal(await points(), 0)
})

test('also over gRPC', async (context) => {
  const { fault, grpcPort } = await start(context)
  await fault({ code: 8, methods: ['ListMetricDescriptors'] })
  const client = metricClient(context, { grpcPort })
  const call = client.listMetricDescriptors({ name: 'projects/p' })
  await assert.rejects(call, { code: 8, message: /Injected fault: RESOURCE_EXHAUSTED/ })
})

test('a fraction of the calls, evenly', async (context) => {
  const { fault, write } = await start(context)
  await fault({ code: 'INTERNAL', share: 0.25, methods: ['CreateTimeSeries'] })
  const codes: number[] = []
  for (let call = 0; call < 8; call++) codes.push((await write()).status)
  assert.deepEqual(codes, [200, 200, 200, 500, 200, 200, 200, 500])
})

test('a fraction of the series is rejected, the others are written', async (context) => {
  const { fault, write, points, url } = await start(context)
  await fault({ code: 'DEADLINE_EXCEEDED', message: 'slow shard', seriesShare: 0.5 })
  const { status, json } = await write(4)
  assert.equal(status, 400)
  const [summary] = json.error.details
  assert.deepEqual(
    [summary.totalPointCount, summary.successPointCount, summary.errors],
    [4, 2, [{ status: { code: 4, message: 'slow shard' }, pointCount: 2 }]],
  )
  assert.equal(await points(), 2)
  const { byReason } = (await requestJson(`${url}/api/refusals`)).json
  assert.deepEqual(
    byReason.map(({ reason, points: refused }: { reason: string; points: number }) => [reason, refused]),
    [['fault', 2]],
  )
})

test('a lost response: the call takes effect but gets no response', async (context) => {
  const { fault, url, points, grpcPort } = await start(context)
  await fault({ loseAnswer: true, methods: ['CreateTimeSeries'] })
  const aborted = new AbortController()
  const body = JSON.stringify({ timeSeries: [seriesJson()] })
  const lost = fetch(`${url}${SERIES}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: aborted.signal,
  })
  while ((await points()) === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  aborted.abort()
  await assert.rejects(lost)
  const client = metricClient(context, { grpcPort })
  const timeSeries = [
    {
      metric: { type: 'custom.googleapis.com/x' },
      resource: { type: 'global' },
      points: [{ interval: { endTime: { seconds: START_SECONDS } }, value: { doubleValue: 1 } }],
    },
  ]
  await assert.rejects(client.createTimeSeries({ name: 'projects/demo-project', timeSeries }, { timeout: 300 }), {
    code: 4,
  })
  assert.equal(await points(), 2, 'both were applied')
})

test('latency, also for OTLP', async (context) => {
  const { fault, url } = await start(context)
  await fault({ latencyMs: 300, methods: ['ExportTraces'] })
  const began = performance.now()
  assert.equal((await requestJson(`${url}/v1/traces`, { body: { resourceSpans: [] } })).status, 200)
  assert.ok(performance.now() - began >= 299)
  await fault({ code: 'UNAVAILABLE', methods: ['ExportTraces'] })
  assert.equal((await requestJson(`${url}/v1/traces`, { body: { resourceSpans: [] } })).status, 503)
})

test('for a duration', async (context) => {
  const { fault, write, setTime, url } = await start(context)
  await fault({ code: 'UNAVAILABLE', durationSeconds: 60 })
  assert.equal((await write()).status, 503)
  setTime(69)
  assert.equal((await requestJson(`${url}/faults`)).json.faults.length, 0)
})

test('are listed with their numbers of affected calls, and deleted', async (context) => {
  const { fault, write, url } = await start(context)
  const { json: first } = await fault({ code: 'UNAVAILABLE' })
  await fault({ latencyMs: 1 })
  await write()
  const { faults } = (await requestJson(`${url}/faults`)).json
  assert.deepEqual(
    faults.map(({ id, hits }: { id: number; hits: number }) => [id, hits]),
    [
      [first.id, 1],
      [first.id + 1, 1],
    ],
  )
  assert.equal((await requestJson(`${url}/faults/${first.id}`, { method: 'DELETE' })).status, 200)
  assert.equal((await requestJson(`${url}/faults/${first.id}`, { method: 'DELETE' })).status, 404)
  assert.deepEqual((await requestJson(`${url}/faults`, { method: 'DELETE' })).json, { deleted: 1 })
  assert.equal((await write()).status, 200)
})

describe('invalid values', () => {
  const cases: [body: unknown, message: RegExp][] = [
    [{}, /has no effect: at least one of code, latencyMs and loseAnswer is required/],
    [[], /It must be a JSON object/],
    [{ colour: 'red' }, /Field colour had an invalid value: Unknown field; allowed fields: methods, code/],
    [{ code: 'OK' }, /Field code had an invalid value of ""OK""/],
    [{ code: 99 }, /Field code had an invalid value of "99": Allowed values: CANCELLED/],
    [{ code: 14, share: 2 }, /Field share had an invalid value of "2": It must be a number from 0 to 1/],
    [{ code: 14, share: 'half' }, /Field share had/],
    [{ latencyMs: -1 }, /Field latencyMs had an invalid value of "-1"/],
    [{ latencyMs: 1, durationSeconds: 1e9 }, /Field durationSeconds had/],
    [{ loseAnswer: 'yes' }, /Field loseAnswer had an invalid value of ""yes"": It must be true or false/],
    [
      { loseAnswer: true, code: 14 },
      /Field loseAnswer had an invalid value of "true": A call that fails with a code is not executed/,
    ],
    [{ seriesShare: 0.5, latencyMs: 1 }, /Field code had an invalid value: It is required with seriesShare/],
    [
      { code: 14, methods: ['Fly'] },
      /Field methods had an invalid value of ""Fly"": Allowed values: BatchWriteSpans, Create/,
    ],
    [{ code: 14, message: 5 }, /Field message had/],
  ]
  test('errors have the field, the value and what is allowed', async (context) => {
    const { url } = await start(context)
    for (const [body, message] of cases) {
      const { status, json } = await requestJson(`${url}/faults`, { body })
      assert.equal(status, 400, JSON.stringify(body))
      assert.match(json.error.message, message)
    }
  })

  test('too many', () => {
    const faults = new FaultInjector(() => 0)
    for (let count = 0; count < 50; count++) faults.add({ code: 14 })
    assert.throws(() => faults.add({ code: 14 }), /There are already 50 faults/)
  })
})
