import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { filterOf, isServiceMap, listRequest } from './trace-filters.ts'

describe('the trace parameters in an address', () => {
  for (const [parameters, filter] of [
    [{}, {}],
    [
      { service: 'a', name: '', status: 'error' },
      { service: 'a', status: 'error' },
    ],
    [
      { min: '1.5s', max: '2 min' },
      { minDurationMs: 1500, maxDurationMs: 120_000 },
    ],
    [{ min: 'soon', attribute: 'http.route=/x' }, { attribute: 'http.route=/x' }],
    [{ range: '5m', project: 'p' }, {}],
  ] as const)
    it(JSON.stringify(parameters), () => assert.deepEqual(filterOf(parameters), filter))

  it('is a list of complete traces, newest first', () =>
    assert.deepEqual(listRequest({ status: 'ok' }, { startMs: 1.4, endMs: 2.6 }), {
      status: 'ok',
      start: 1,
      end: 3,
      limit: 200,
      plot: 1000,
      settled: 'true',
      sort: 'newest',
    }))
  it('is a list in another order', () =>
    assert.equal(listRequest({ sort: 'slowest' }, { startMs: 1, endMs: 2 }).sort, 'slowest'))
  it('is the service map', () => assert.deepEqual([isServiceMap({ view: 'map' }), isServiceMap({})], [true, false]))
})
