import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { convertExemplar } from './exemplar.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

describe('convertExemplar', () => {
  const cases: readonly [
    title: string,
    labels: Record<string, string>,
    spanName: string | undefined,
    rest: Record<string, string>,
  ][] = [
    ['refers to the span', { trace_id: TRACE, span_id: SPAN }, `projects/p/traces/${TRACE}/spans/${SPAN}`, {}],
    [
      'keeps other labels',
      { trace_id: TRACE, span_id: SPAN, user: 'x' },
      `projects/p/traces/${TRACE}/spans/${SPAN}`,
      { user: 'x' },
    ],
    [
      'accepts other spellings',
      { traceID: TRACE.toUpperCase(), spanId: SPAN },
      `projects/p/traces/${TRACE}/spans/${SPAN}`,
      {},
    ],
    ['refers to nothing without a span', { trace_id: TRACE }, undefined, { trace_id: TRACE }],
    [
      'refers to nothing with an invalid id',
      { trace_id: 'short', span_id: SPAN },
      undefined,
      { trace_id: 'short', span_id: SPAN },
    ],
    ['may have no labels', {}, undefined, {}],
  ]
  for (const [title, labels, spanName, rest] of cases) {
    it(title, () => {
      const exemplar = { labels: new Map(Object.entries(labels)), value: 0.5, timestampMs: 7 }
      assert.deepEqual(convertExemplar(exemplar, 'p'), {
        value: 0.5,
        timestampMs: 7,
        spanName,
        labels: new Map(Object.entries(rest)),
      })
    })
  }
})
