import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Span } from '../../../contract/traces.ts'
import { shownRows, spanMatches } from './span-search.ts'
import { spanRows } from './span-tree.ts'

function span(spanId: string, parentSpanId = '', changes: Partial<Span> = {}): Span {
  return {
    spanId,
    parentSpanId,
    name: `name ${spanId}`,
    service: 'shop',
    kind: 'SERVER',
    startMs: 0,
    durationMs: 1,
    status: { code: 0, message: '' },
    attributes: {},
    events: [],
    links: [],
    resource: {},
    ...changes,
  }
}

const SPANS = [
  span('root'),
  span('a', 'root'),
  span('a1', 'a', { attributes: { 'db.system': 'postgresql' } }),
  span('b', 'root', { status: { code: 2, message: 'no stock' } }),
  span('b1', 'b', { events: [{ timeMs: 0, name: 'retry', attributes: { attempt: 2 } }] }),
]

describe('the spans of a trace', () => {
  for (const [search, ids] of [
    ['', ['root', 'a', 'a1', 'b', 'b1']],
    ['  ', ['root', 'a', 'a1', 'b', 'b1']],
    ['postgres', ['a1']],
    ['db.system=postgresql', ['a1']],
    ['FAILED', ['b']],
    ['no stock', ['b']],
    ['retry attempt=2', ['b1']],
    ['shop server', ['root', 'a', 'a1', 'b', 'b1']],
    ['no such text', []],
  ] as const) {
    it(`are searched for "${search}"`, () => {
      assert.deepEqual(
        SPANS.filter((one) => spanMatches(one, search)).map(({ spanId }) => spanId),
        ids,
      )
    })
  }

  const shown = (search: string, collapsed: readonly string[] = []): string[] =>
    shownRows(spanRows(SPANS), search, new Set(collapsed)).map(
      ({ span: one, matches }) => one.spanId + (matches ? '!' : ''),
    )

  it('are shown with their ancestors if they match a search, even if they are collapsed', () => {
    assert.deepEqual(shown('postgres', ['a']), ['root', 'a', 'a1!'])
    assert.deepEqual(shown('failed'), ['root', 'b!'])
    assert.deepEqual(shown('unknown'), [])
  })

  it('are hidden below a collapsed one', () => {
    assert.deepEqual(shown('', ['a']), ['root', 'a', 'b', 'b1'])
    assert.deepEqual(shown('', ['root']), ['root'])
    assert.deepEqual(shown('', ['a1']), ['root', 'a', 'a1', 'b', 'b1'])
  })
})
