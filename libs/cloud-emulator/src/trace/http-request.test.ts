import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Attributes } from '../contract/traces.ts'
import { httpRequestOf } from './http-request.ts'

describe('the HTTP request of a trace', () => {
  const TABLE: readonly (readonly [what: string, spans: readonly Attributes[], path?: string, statusCode?: number])[] =
    [
      ['stable conventions', [{ 'url.path': '/a', 'http.response.status_code': 500 }], '/a', 500],
      ['older conventions', [{ 'http.target': '/a?b=c', 'http.status_code': 200 }], '/a', 200],
      ['a client, which has the whole URL', [{ 'url.full': 'http://h:1/x/y?z=1' }], '/x/y'],
      ['Cloud Trace’s labels', [{ '/http/url': 'https://h/p', '/http/status_code': '404' }], '/p', 404],
      ['a client without a path, and its server', [{ 'http.status_code': 503 }, { 'url.path': '/s' }], '/s', 503],
      ['the first span is used', [{ 'url.path': '/first' }, { 'url.path': '/second' }], '/first'],
      ['no HTTP', [{ 'db.system': 'x' }]],
      ['an invalid URL and status', [{ 'http.url': 'x y', 'http.status_code': 'OK' }]],
    ]
  for (const [what, spans, path, statusCode] of TABLE) {
    it(what, () => assert.deepEqual(httpRequestOf(spans.map((attributes) => ({ attributes }))), { path, statusCode }))
  }
})
