import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatRoute, parseRoute } from './route.ts'

describe('the address', () => {
  for (const [hash, route] of [
    ['#/dashboards', { page: 'dashboards', parameters: {} }],
    ['#/dashboards/flask-app?range=1h', { page: 'dashboards', id: 'flask-app', parameters: { range: '1h' } }],
    [
      '#/metrics/external.googleapis.com/prometheus/up?range=5m',
      { page: 'metrics', id: 'external.googleapis.com/prometheus/up', parameters: { range: '5m' } },
    ],
    [
      '#/traces?service=flask-app&status=error',
      { page: 'traces', parameters: { service: 'flask-app', status: 'error' } },
    ],
    ['#/writes', { page: 'writes', parameters: {} }],
    ['#/dashboards/a%20b%3F', { page: 'dashboards', id: 'a b?', parameters: {} }],
  ] as const) {
    it(`parses and formats ${hash}`, () => {
      assert.deepEqual(parseRoute(hash), route)
      assert.equal(formatRoute(route), hash)
    })
  }

  for (const hash of ['', '#', '#/', '#/nothing', '#/nothing/here']) {
    it(`opens the first page for ${JSON.stringify(hash)}`, () => {
      assert.deepEqual(parseRoute(hash), { page: 'dashboards', parameters: {} })
    })
  }

  it('ignores an ID with invalid encoding', () => {
    assert.deepEqual(parseRoute('#/traces/%E0%A4'), { page: 'traces', parameters: {} })
  })

  it('omits empty parameters', () => {
    assert.equal(formatRoute({ page: 'traces', parameters: { service: '', status: 'error' } }), '#/traces?status=error')
  })
})
