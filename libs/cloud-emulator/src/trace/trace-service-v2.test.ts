import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requestJson, startTestEmulator } from '../../test/testing/running-emulator.ts'
import { attributes, SPAN, spanJson, TRACE, WRITE } from '../../test/testing/spans.ts'
import { START_SECONDS, timestamp } from '../../test/testing/time-series.ts'
import { truncateToBytes } from './span-limits.ts'

describe('Cloud Trace v2', () => {
  test('spans with attributes, events, links and status', async (context) => {
    const { url } = await startTestEmulator(context)
    const span = spanJson({
      parentSpanId: 'ffffffffffffffff',
      attributes: {
        attributeMap: {
          'g.co/r/generic_task/job': { stringValue: { value: 'flask-app' } },
          size: { intValue: '7' },
          ok: { boolValue: true },
        },
      },
      timeEvents: {
        timeEvent: [
          { time: timestamp(0.1), annotation: { description: { value: 'cache miss' }, ...attributes({ key: 'a' }) } },
          { time: timestamp(0.2), messageEvent: { type: 'SENT', id: '3', uncompressedSizeBytes: '10' } },
        ],
      },
      links: { link: [{ traceId: TRACE, spanId: SPAN, ...attributes({ why: 'because' }) }] },
      status: { code: 5, message: 'gone' },
      spanKind: 'SERVER',
    })
    assert.deepEqual(await requestJson(`${url}${WRITE}`, { body: { spans: [span] } }), { status: 200, json: {} })
    const { json } = await requestJson(`${url}/api/traces/${TRACE}`)
    assert.deepEqual(json, {
      traceId: TRACE,
      startMs: START_SECONDS * 1000,
      durationMs: 250,
      spans: [
        {
          spanId: SPAN,
          parentSpanId: 'ffffffffffffffff',
          name: 'GET /',
          service: 'flask-app',
          kind: 'SERVER',
          startMs: START_SECONDS * 1000,
          durationMs: 250,
          status: { code: 5, message: 'gone' },
          attributes: { 'g.co/r/generic_task/job': 'flask-app', size: 7, ok: true },
          events: [
            { timeMs: START_SECONDS * 1000 + 100, name: 'cache miss', attributes: { key: 'a' } },
            {
              timeMs: START_SECONDS * 1000 + 200,
              name: 'message sent',
              attributes: { id: 3, uncompressedSizeBytes: 10 },
            },
          ],
          links: [{ traceId: TRACE, spanId: SPAN, attributes: { why: 'because' } }],
          resource: {},
        },
      ],
    })
  })

  test('CreateSpan returns the span', async (context) => {
    const { url } = await startTestEmulator(context)
    const { name, ...body } = spanJson()
    const { status, json } = await requestJson(`${url}/v2/${name}`, { body })
    assert.deepEqual([status, json.name, json.displayName], [200, name, { value: 'GET /' }])
    assert.equal((await requestJson(`${url}/api/traces/${TRACE}`)).status, 200)
  })

  const wrong: [what: string, span: Record<string, unknown>, message: RegExp][] = [
    [
      "a name that is not a span's",
      spanJson({ name: 'projects/demo-project' }),
      /spans\[1\]\.name had an invalid value of "projects\/demo-project": It must have the form/,
    ],
    [
      'a trace id that is too short',
      spanJson({ name: `projects/demo-project/traces/abc/spans/${SPAN}` }),
      /\[TRACE_ID\] must be 32 hexadecimal digits/,
    ],
    [
      'a trace id of zeros',
      spanJson({}, { trace: '0'.repeat(32) }),
      /\[TRACE_ID\] must be 32 hexadecimal digits in lower case, not all zero/,
    ],
    ['a span id of zeros', spanJson({}, { span: '0'.repeat(16) }), /\[SPAN_ID\] must be 16 hexadecimal digits/],
    [
      'a different span id from that in the name',
      spanJson({ spanId: 'ffffffffffffffff' }),
      /spans\[1\]\.span_id had an invalid value of "ffffffffffffffff"/,
    ],
    ['no span id', spanJson({ spanId: '' }), /span_id had an invalid value of "": It is required/],
    ['a wrong parent', spanJson({ parentSpanId: 'x' }), /parent_span_id had an invalid value of "x"/],
    ['no display name', spanJson({ displayName: null }), /The display name is required/],
    ['no start', spanJson({ startTime: null }), /The start time is required/],
    ['no end', spanJson({ endTime: null }), /The end time is required/],
    ['an end before the start', spanJson({ endTime: timestamp(-1) }), /The end time must not be before the start time/],
    [
      'a span of another project',
      spanJson({ name: `projects/other/traces/${TRACE}/spans/${SPAN}` }),
      /Its project must be the same as in the request, demo-project/,
    ],
  ]
  test('an invalid span rejects the request and is listed as rejected', async (context) => {
    const { url } = await startTestEmulator(context)
    for (const [what, span, message] of wrong) {
      const { status, json } = await requestJson(`${url}${WRITE}`, {
        body: { spans: [spanJson({}, { span: 'aaaaaaaaaaaaaaaa' }), span] },
      })
      assert.equal(status, 400, what)
      assert.match(json.error.message, message, what)
    }
    assert.equal((await requestJson(`${url}${WRITE}`, { body: {} })).status, 400)
    const { json } = await requestJson(`${url}/api/refusals`)
    assert.equal(json.total, wrong.length * 2)
    assert.deepEqual(
      json.byReason.map(({ reason }: { reason: string }) => reason),
      ['span'],
    )
    assert.equal((await requestJson(`${url}/api/summary`)).json.spans, 0)
  })

  test('data above a limit is truncated or dropped, and the call succeeds', async (context) => {
    const { url } = await startTestEmulator(context)
    const many = Object.fromEntries(Array.from({ length: 1100 }, (_, index) => [`k${index}`, 'x']))
    const events = Array.from({ length: 300 }, () => ({
      time: timestamp(0),
      annotation: { description: { value: 'e' } },
    }))
    const big = spanJson({
      displayName: { value: 'é'.repeat(1000) },
      ...attributes({ ['k'.repeat(513)]: 'x', long: 'v'.repeat(70_000), ...many }),
      timeEvents: { timeEvent: events },
    })
    const old = spanJson(
      { startTime: timestamp(-15 * 86_400), endTime: timestamp(-15 * 86_400) },
      { span: 'bbbbbbbbbbbbbbbb' },
    )
    const future = spanJson(
      { startTime: timestamp(4 * 86_400), endTime: timestamp(4 * 86_400) },
      { span: 'cccccccccccccccc' },
    )
    const endless = spanJson({ endTime: timestamp(4 * 86_400) }, { span: 'dddddddddddddddd' })
    assert.equal((await requestJson(`${url}${WRITE}`, { body: { spans: [big, old, future, endless] } })).status, 200)
    const [span, ...others] = (await requestJson(`${url}/api/traces/${TRACE}`)).json.spans
    assert.equal(others.length, 0)
    assert.equal(span.name, 'é'.repeat(512))
    assert.equal(Object.keys(span.attributes).length, 1024)
    assert.equal(span.attributes.long.length, 65_532)
    assert.equal(span.events.length, 256)
    const { byReason } = (await requestJson(`${url}/api/refusals`)).json
    assert.deepEqual(
      byReason.map(({ reason, points }: { reason: string; points: number }) => [reason, points]),
      [['age', 3]],
    )
  })

  test('an existing span is left unchanged', async (context) => {
    const { url } = await startTestEmulator(context)
    await requestJson(`${url}${WRITE}`, { body: { spans: [spanJson()] } })
    assert.equal(
      (await requestJson(`${url}${WRITE}`, { body: { spans: [spanJson({ displayName: { value: 'other' } })] } }))
        .status,
      200,
    )
    const { json } = await requestJson(`${url}/api/traces/${TRACE}`)
    assert.deepEqual(
      json.spans.map(({ name }: { name: string }) => name),
      ['GET /'],
    )
    assert.match(
      await (await fetch(`${url}/metrics`)).text(),
      /cloud_emulator_spans_refused_total\{reason="duplicate"\} 1/,
    )
    const { refusals, total } = (await requestJson(`${url}/api/refusals`)).json
    assert.deepEqual(
      refusals.map(({ reason, status, span, points }: Record<string, unknown>) => [reason, status, span, points]),
      [['duplicate', 'ALREADY_EXISTS', 'other', 1]],
    )
    assert.equal(total, (await requestJson(`${url}/api/summary`)).json.spansRefused)
    assert.match(refusals[0].message, new RegExp(`${TRACE}.*${SPAN}.*left unchanged`))
  })
})

test('strings are truncated between characters', () => {
  assert.equal(truncateToBytes('aé', 2), 'a')
  assert.equal(truncateToBytes('aé', 3), 'aé')
  assert.equal(truncateToBytes('😀😀', 7), '😀')
})
