import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requestJson, startTestEmulator } from '../../../test/testing/running-emulator.ts'
import { attributes, spanJson, WRITE } from '../../../test/testing/spans.ts'
import { timestamp } from '../../../test/testing/time-series.ts'

describe('the list of traces for the UI', () => {
  test('filters by service, name, status and duration', async (context) => {
    const { url } = await startTestEmulator(context)
    const spans = [
      spanJson({ ...attributes({ 'service.name': 'one' }) }, { trace: 'a'.repeat(32) }),
      spanJson(
        {
          displayName: { value: 'slow' },
          endTime: timestamp(3),
          status: { code: 2 },
          ...attributes({ 'service.name': 'two' }),
        },
        { trace: 'b'.repeat(32) },
      ),
    ]
    await requestJson(`${url}${WRITE}`, { body: { spans } })
    const ids = async (query: string) =>
      (await requestJson(`${url}/api/traces?${query}`)).json.traces
        .map(({ traceId }: { traceId: string }) => traceId[0])
        .join('')
    assert.deepEqual(
      await Promise.all(
        [
          '',
          'service=one',
          'name=slow',
          'status=error',
          'status=ok',
          'minDurationMs=1000',
          'maxDurationMs=1000',
          'limit=1',
          'sort=slowest',
          'sort=fastest',
          'sort=oldest&status=ok',
          'attribute=service.name',
          'attribute=service.name%3Dtwo',
          'attribute=service.name%3Dthree',
          'attribute=constructor',
        ].map(ids),
      ),
      ['ab', 'a', 'b', 'b', 'a', 'b', 'a', 'a', 'ba', 'ab', 'a', 'ab', 'b', '', ''],
    )
    const { json } = await requestJson(`${url}/api/traces?service=two`)
    assert.deepEqual([json.services, json.names, json.total], [['one', 'two'], ['GET /', 'slow'], 1])
    for (const bad of ['status=maybe', 'sort=name', 'limit=0', 'plot=-1', 'settled=yes', 'start=yesterday'])
      assert.equal((await requestJson(`${url}/api/traces?${bad}`)).status, 400, bad)
  })

  test('plots an even sample, and omits traces that are still arriving', async (context) => {
    const { url } = await startTestEmulator(context)
    const span = (trace: string, seconds: number, parentSpanId = ''): object =>
      spanJson(
        { startTime: timestamp(seconds), endTime: timestamp(seconds + 0.1), parentSpanId },
        { trace: trace.repeat(32) },
      )
    const spans = [span('a', -61), span('b', -1, 'f'.repeat(16)), span('c', -60, 'f'.repeat(16))]
    await requestJson(`${url}${WRITE}`, { body: { spans } })
    const { json } = await requestJson(`${url}/api/traces?settled=true&plot=10&sort=oldest`)
    assert.deepEqual(
      json.traces.map(({ traceId, incomplete = false }: { traceId: string; incomplete?: boolean }) => [
        traceId[0],
        incomplete,
      ]),
      [
        ['a', false],
        ['c', true],
      ],
    )
    assert.deepEqual([json.total, json.arriving, json.plot.points.length, json.plot.failed], [2, 1, 2, 0])
    const all = await requestJson(`${url}/api/traces`)
    assert.deepEqual([all.json.total, all.json.arriving, all.json.plot], [3, undefined, undefined])
  })
})
