import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Span } from './span.ts'
import { rootSpan, SpanStore } from './span-store.ts'

const T0 = 1_767_323_040_000_000

function span(trace: string, id: string, changes: Partial<Span> = {}): Span {
  return {
    traceId: trace,
    spanId: id,
    parentSpanId: '',
    name: id,
    kind: 'INTERNAL',
    startMicros: T0,
    endMicros: T0 + 1000,
    status: { code: 0, message: '' },
    attributes: {},
    events: [],
    links: [],
    resource: {},
    service: 's',
    ...changes,
  }
}

function ids(store: SpanStore, project = 'p'): string[] {
  return [...(store.projects.get(project)?.traces.keys() ?? [])]
}

test('above the limit on spans the oldest traces are evicted, with all their spans', () => {
  const store = new SpanStore({ maxSpans: 4, maxBytes: 1e6, retentionMicros: 1e12 })
  for (const [index, trace] of ['a', 'b', 'c'].entries()) {
    for (const id of ['1', '2']) store.add(trace === 'b' ? 'other' : 'p', span(trace, id, { startMicros: T0 + index }))
  }
  assert.deepEqual([ids(store), ids(store, 'other')], [['c'], ['b']])
  assert.deepEqual([store.spanCount, store.evictedSpans], [4, 2])
})

test('a trace larger than the limit starts over', () => {
  const store = new SpanStore({ maxSpans: 2, maxBytes: 1e6, retentionMicros: 1e12 })
  for (const id of ['1', '2', '3']) assert.equal(store.add('p', span('a', id)), true)
  assert.deepEqual([store.spanCount, store.evictedSpans], [1, 2])
})

test('above the limit on bytes the oldest traces are evicted; attributes, events, links and resources count', () => {
  const long = { text: 'x'.repeat(30_000) }
  const parts: Partial<Span>[] = [
    { attributes: long },
    { resource: long },
    { events: [{ timeMicros: T0, name: 'e', attributes: long }] },
    { links: [{ traceId: 't', spanId: 's', attributes: long }] },
    { name: long.text },
  ]
  const store = new SpanStore({ maxSpans: 100, maxBytes: 100_000, retentionMicros: 1e12 })
  for (const [index, part] of parts.entries()) {
    store.add('p', span(`t${index}`, '1', { startMicros: T0 + index, ...part }))
    assert.ok(store.byteLength <= 100_000 && store.byteLength > 30_000, `${store.byteLength} bytes`)
  }
  assert.deepEqual(ids(store), ['t2', 't3', 't4'])
  store.sweep(T0 + 2e12)
  assert.deepEqual([store.byteLength, store.spanCount], [0, 0])
})

test('the number of projects is limited, since any request that names a project creates it', () => {
  const store = new SpanStore({ maxSpans: 1e6, maxBytes: 1e9, retentionMicros: 1e12 })
  for (let index = 0; index < 1000; index++) store.add(`p${index}`, span('a', '1'))
  assert.throws(() => store.add('one-more', span('a', '1')), { code: 'RESOURCE_EXHAUSTED' })
})

test('traces older than the retention are dropped', () => {
  const store = new SpanStore({ maxSpans: 100, maxBytes: 1e6, retentionMicros: 60e6 })
  store.add('p', span('old', '1'))
  store.add('p', span('young', '1', { endMicros: T0 + 30e6 }))
  store.sweep(T0 + 65e6)
  assert.deepEqual([ids(store), store.spanCount, store.evictedSpans], [['young'], 1, 1])
})

test('a span with the ID of another span of its trace is rejected', () => {
  const store = new SpanStore({ maxSpans: 100, maxBytes: 1e6, retentionMicros: 1e12 })
  assert.deepEqual(
    [store.add('p', span('a', '1')), store.add('p', span('a', '1')), store.add('p', span('b', '1'))],
    [true, false, true],
  )
  assert.equal(store.spanCount, 2)
})

describe('the root span', () => {
  const root = (...spans: Span[]) => rootSpan({ spans })?.spanId
  test('is the one without a parent', () =>
    assert.equal(root(span('t', 'child', { parentSpanId: 'top' }), span('t', 'top')), 'top'))
  test('is one whose parent is not in the trace', () =>
    assert.equal(
      root(span('t', 'child', { parentSpanId: 'far' }), span('t', 'grandchild', { parentSpanId: 'child' })),
      'child',
    ))
  test('is the earliest of several', () =>
    assert.equal(root(span('t', 'late', { startMicros: T0 + 5 }), span('t', 'early')), 'early'))
  test('is the earliest of a cycle', () =>
    assert.equal(
      root(span('t', 'a', { parentSpanId: 'b', startMicros: T0 + 1 }), span('t', 'b', { parentSpanId: 'a' })),
      'b',
    ))
})
