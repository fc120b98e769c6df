import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Span } from '../../../contract/traces.ts'
import { isError, spanRows } from './span-tree.ts'

const span = (spanId: string, parentSpanId: string, startMs: number, durationMs = 1): Span => ({
  spanId,
  parentSpanId,
  name: spanId,
  service: 's',
  kind: 'SERVER',
  startMs,
  durationMs,
  status: { code: 0, message: '' },
  attributes: {},
  events: [],
  links: [],
  resource: {},
})
const shape = (spans: Span[]): string[] =>
  spanRows(spans).map((row) => `${' '.repeat(row.depth)}${row.span.spanId}${row.orphan ? '?' : ''}+${row.descendants}`)

describe('a waterfall', () => {
  it('puts children below their parent, siblings by start', () => {
    assert.deepEqual(
      shape([span('b2', 'b', 4), span('c', 'a', 5), span('b', 'a', 2), span('a', '', 1), span('b1', 'b', 3)]),
      ['a+4', ' b+2', '  b1+0', '  b2+0', ' c+0'],
    )
  })

  it('treats a span whose parent is missing as a root', () => {
    assert.deepEqual(shape([span('x', 'gone', 1), span('y', 'x', 2)]), ['x?+1', ' y+0'])
  })

  it('loses no span in a cycle', () => {
    assert.deepEqual(shape([span('a', 'b', 1), span('b', 'a', 2), span('c', 'c', 3)]), ['c+0', 'a+1', ' b+0'])
  })

  it('handles ten thousand nested spans', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) => span(`${index}`, index ? `${index - 1}` : '', index))
    assert.equal(spanRows(chain).at(-1)?.depth, 9999)
  })
})

describe('a span', () => {
  for (const [code, error] of [
    [0, false],
    [2, true],
  ] as const) {
    it(`with status ${code} ${error ? 'failed' : 'did not fail'}`, () => {
      assert.equal(isError({ ...span('a', '', 0), status: { code, message: '' } }), error)
    })
  }
})
