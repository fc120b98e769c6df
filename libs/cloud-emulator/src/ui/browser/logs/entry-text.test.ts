import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LogEntryJson } from '../../../contract/logs.ts'
import { entrySource, entryText, entryTrace } from './entry-text.ts'

const entry = (changes: Partial<LogEntryJson>): LogEntryJson => ({
  logName: 'projects/p/logs/a%2Fb',
  insertId: '1',
  timestamp: '2026-01-02T03:04:05Z',
  receiveTimestamp: '2026-01-02T03:04:05Z',
  resource: { type: 'global', labels: {} },
  ...changes,
})

describe('the content of an entry', () => {
  const cases: [changes: Partial<LogEntryJson>, text: string][] = [
    [{ textPayload: 'first\nsecond' }, 'first'],
    [{ jsonPayload: { message: 'm', n: 1 } }, 'm'],
    [{ jsonPayload: { msg: 'pino' } }, 'pino'],
    [{ jsonPayload: { n: 1 } }, '{"n":1}'],
    [{ httpRequest: { requestMethod: 'GET', requestUrl: '/a', status: 404 } }, 'GET /a 404'],
    [{ httpRequest: { requestMethod: 'GET', status: 200, latency: '0.0123s' } }, 'GET 200 12.3 ms'],
    [{ httpRequest: { status: 404 }, jsonPayload: { message: 'm' } }, '404 m'],
    [{ protoPayload: { '@type': 't' } }, '{"@type":"t"}'],
    [{}, ''],
  ]
  for (const [changes, text] of cases)
    test(JSON.stringify(changes), () => assert.equal(entryText(entry(changes)), text))
})

test('the writer of an entry', () => {
  const container = { type: 'k8s_container', labels: { pod_name: 'p', container_name: 'c' } }
  assert.equal(entrySource(entry({ labels: { 'service.name': 'shop' }, resource: container })), 'shop')
  assert.equal(entrySource(entry({ resource: container })), 'c')
  assert.equal(entrySource(entry({})), 'a/b')
})

test('the trace of an entry, with and without its project', () => {
  const id = '0123456789abcdef0123456789abcdef'
  assert.equal(entryTrace(entry({ trace: `projects/p/traces/${id}` })), id)
  assert.equal(entryTrace(entry({ trace: id.toUpperCase() })), id)
  assert.equal(entryTrace(entry({ trace: 'x' })), undefined)
  assert.equal(entryTrace(entry({})), undefined)
})
