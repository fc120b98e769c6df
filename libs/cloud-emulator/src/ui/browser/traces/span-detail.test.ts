import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { Span } from '../../../contract/traces.ts'
import { spanDetail } from './span-detail.ts'

const SPAN: Span = {
  spanId: 'a1',
  parentSpanId: '',
  name: 'GET /',
  service: 'shop',
  kind: 'SERVER',
  startMs: 1000,
  durationMs: 12.34,
  status: { code: 0, message: '' },
  attributes: {},
  events: [],
  links: [],
  resource: {},
}
const trace = { traceId: 't', startMs: 1000, durationMs: 20, spans: [] }
const START = formatDateTime(1000)

test('a span has its own details', () =>
  assert.equal(textOf(spanDetail(SPAN, trace, (id) => id)), `Span duration12.3 mskindSERVERspana1start${START}`))

test('and attributes, events, links and resource', () => {
  const view = spanDetail(
    {
      ...SPAN,
      parentSpanId: 'p1',
      status: { code: 2, message: 'broken' },
      attributes: { b: 1, a: true, c: 'x' },
      events: [{ timeMs: 1005, name: 'retry', attributes: { n: 2 } }],
      links: [{ traceId: 'other', spanId: 's', attributes: {} }],
      resource: { 'service.name': 'shop' },
    },
    trace,
    (id) => `#/traces/${id}`,
  )
  assert.equal(
    textOf(view),
    `Span duration12.3 mskindSERVERmessagebrokenparentp1spana1start${START} Attributes atrueb1cx Event retry, 5 ms in n2time${formatDateTime(1005)} Linksother Resource service.nameshop`,
  )
  assert.match(markupOf(view), /<a href=#\/traces\/other>/)
})
