import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { Span, Trace } from '../../../contract/traces.ts'
import { rulerView, type SpanRowOptions, spanRow } from './span-row.ts'
import type { ShownRow } from './span-search.ts'

const SPAN: Span = {
  spanId: 'a1',
  parentSpanId: '',
  name: 'GET /',
  service: 'shop',
  kind: 'SERVER',
  startMs: 0,
  durationMs: 12.34,
  status: { code: 0, message: '' },
  attributes: { 'http.route': '/' },
  events: [{ timeMs: 5, name: 'retry', attributes: {} }],
  links: [],
  resource: {},
}
const TRACE: Trace = { traceId: 't', startMs: 0, durationMs: 2000, spans: [SPAN] }
const ROW: ShownRow = { span: SPAN, depth: 0, descendants: 0, orphan: false, matches: false }

describe('a span of a trace', () => {
  const calls: string[] = []
  const show = (row: Partial<ShownRow>, options: Partial<SpanRowOptions> = {}) =>
    spanRow(
      { ...ROW, ...row },
      {
        trace: TRACE,
        color: '#123456',
        isOpen: false,
        isCollapsed: undefined,
        logs: undefined,
        onToggle: () => calls.push('toggle'),
        onCollapse: () => calls.push('fold'),
        traceLink: (id) => id,
        ...options,
      },
    )
  const failed = { ...SPAN, status: { code: 2, message: 'x' } }
  const entry = {
    logName: 'projects/p/logs/app',
    insertId: '1',
    timestamp: '1970-01-01T00:00:01.500Z',
    receiveTimestamp: '',
    resource: { type: 'global', labels: {} },
    textPayload: 'hello',
  }
  const cases: [what: string, row: Partial<ShownRow>, options: Partial<SpanRowOptions>, text: RegExp][] = [
    ['has its name, service and duration', {}, {}, /^GET \/shop 12\.3 ms$/],
    ['shows that it failed', { span: failed }, {}, /^GET \/shop failed, ✕ 12\.3 ms$/],
    ['shows that its parent is missing', { orphan: true }, {}, /^GET \/shop, parent missing 12\.3 ms$/],
    ['hides its descendants', { descendants: 2 }, { isCollapsed: false }, /^▾ GET/],
    ['shows its descendants', { descendants: 2 }, { isCollapsed: true }, /^▸ GET/],
    ['expands to its attributes', {}, { isOpen: true }, /12\.3 ms Span .*Attributes http\.route\//],
    ['has its log lines', {}, { logs: [entry] }, /12\.3 ms \+1\.5 sDEFAULTapphello$/],
  ]
  for (const [what, row, options, text] of cases) test(what, () => assert.match(textOf(show(row, options)), text))

  test('shows the number of its descendants', () => {
    assert.match(
      markupOf(show({ descendants: 1 }, { isCollapsed: false })),
      /aria-label="1 span below GET \/"\s+title="Hide the 1 span below"/,
    )
    assert.match(markupOf(show({ descendants: 1200 }, { isCollapsed: true })), /title="Show the 1,200 spans below"/)
  })
  test('is marked if a search finds it, and has its events', () => {
    assert.match(markupOf(show({ matches: true })), /span-match/)
    assert.match(markupOf(show({})), /class="span-event" title=retry/)
  })
  test('reacts to clicks', () => {
    for (const click of listenersOf(show({ descendants: 1 }, { isCollapsed: false }), 'click'))
      click(new Event('click'))
    assert.deepEqual(calls, ['fold', 'toggle'])
  })
})

test('the ruler has the times of the trace', () => {
  assert.equal(textOf(markupOf(rulerView(TRACE)).replaceAll('</span>', ' ')), '0 s 500 ms 1 s 1.5 s 2 s')
  assert.match(textOf(markupOf(rulerView({ ...TRACE, durationMs: 0 })).replaceAll('</span>', ' ')), / 1 ms$/)
})
