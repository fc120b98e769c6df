import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { B3Propagator } from './b3-propagator.ts'

const TRACE = '463ac35c9f6413ad48485a3953bb6124'
const SPAN = '0020000000000001'

for (const { headers, expected } of [
  { headers: { b3: `${TRACE}-${SPAN}-1` }, expected: `${TRACE} ${SPAN} 1` },
  { headers: { b3: `${TRACE}-${SPAN}-d-0020000000000000` }, expected: `${TRACE} ${SPAN} 1` },
  { headers: { b3: `${TRACE}-${SPAN}-0` }, expected: `${TRACE} ${SPAN} 0` },
  { headers: { b3: `${TRACE}-${SPAN}` }, expected: `${TRACE} ${SPAN} 0` },
  { headers: { b3: `48485a3953bb6124-${SPAN}-1` }, expected: `000000000000000048485a3953bb6124 ${SPAN} 1` },
  { headers: { b3: `${TRACE.toUpperCase()}-${SPAN}-1` }, expected: `${TRACE} ${SPAN} 1` },
  { headers: { b3: '0' }, expected: undefined },
  { headers: { b3: 'nonsense-here-1' }, expected: undefined },
  { headers: { b3: '' }, expected: undefined },
  { headers: { b3: '-'.repeat(100_000) }, expected: undefined },
  { headers: { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '1' }, expected: `${TRACE} ${SPAN} 1` },
  { headers: { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-flags': '1' }, expected: `${TRACE} ${SPAN} 1` },
  { headers: { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '0' }, expected: `${TRACE} ${SPAN} 0` },
  { headers: { 'x-b3-traceid': TRACE }, expected: undefined },
  {
    headers: { b3: `${TRACE}-${SPAN}-1`, 'x-b3-traceid': '1'.repeat(32), 'x-b3-spanid': '1'.repeat(16) },
    expected: `${TRACE} ${SPAN} 1`,
  },
  {
    headers: { b3: 'nonsense', 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': 'true' },
    expected: `${TRACE} ${SPAN} 1`,
  },
]) {
  test(`${JSON.stringify(headers).slice(0, 100)} is ${expected}`, () => {
    for (const form of ['single', 'multi'] as const) {
      const context = new B3Propagator(form).extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
      const span = trace.getSpanContext(context)
      assert.equal(span && `${span.traceId} ${span.spanId} ${span.traceFlags}`, expected)
    }
  })
}

test('each name writes its own form', () => {
  const context = trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE, spanId: SPAN, traceFlags: 1 })
  const written = (form: 'single' | 'multi') => {
    const headers = {}
    new B3Propagator(form).inject(context, headers, defaultTextMapSetter)
    return headers
  }
  assert.deepEqual(written('single'), { b3: `${TRACE}-${SPAN}-1` })
  assert.deepEqual(written('multi'), { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '1' })
})
