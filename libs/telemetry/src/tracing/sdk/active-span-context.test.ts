import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { ActiveSpanContext } from './active-span-context.ts'

const KEY = createContextKey('test')
const one = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 })
const other = trace.wrapSpanContext({ traceId: '2'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 })

test('has the span, and the values of its parent', () => {
  const context = new ActiveSpanContext(ROOT_CONTEXT.setValue(KEY, 'value'), one)
  assert.equal(trace.getSpan(context), one)
  assert.equal(context.getValue(KEY), 'value')
  assert.equal(context.getValue(createContextKey('another')), undefined)
})

test('contexts made from it keep the rest', () => {
  const context = new ActiveSpanContext(ROOT_CONTEXT.setValue(KEY, 'value'), one)
  const another = trace.setSpan(context, other)
  assert.equal(trace.getSpan(another), other)
  assert.equal(another.getValue(KEY), 'value')
  assert.equal(trace.getSpan(context.setValue(KEY, 'new')), one)
  assert.equal(context.setValue(KEY, 'new').getValue(KEY), 'new')
  assert.equal(trace.getSpan(context.deleteValue(KEY)), one)
  assert.equal(context.deleteValue(KEY).getValue(KEY), undefined)
  assert.equal(context.getValue(KEY), 'value')
  assert.equal(trace.getSpan(trace.deleteSpan(context)), undefined)
  assert.equal(trace.deleteSpan(context).getValue(KEY), 'value')
})

test('the span of a parent is hidden, and deleted with the one that hides it', () => {
  const context = new ActiveSpanContext(trace.setSpan(ROOT_CONTEXT, other), one)
  assert.equal(trace.getSpan(context), one)
  assert.equal(trace.getSpan(trace.deleteSpan(context)), undefined)
})
