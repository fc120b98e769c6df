import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { QuerySeries } from '../../../contract/charts.ts'
import { distinctNames } from './distinct-names.ts'

function series(name: string, metricLabels: Record<string, string> = {}, metric = 'm/up', pod = 'a') {
  const data: QuerySeries = {
    metricType: metric,
    metricLabels,
    resourceType: 'k8s_pod',
    resourceLabels: { pod },
    timesMs: [],
  }
  return { name, data }
}

describe('the names of series', () => {
  for (const [what, given, names] of [
    ['are kept, if they differ', [series('a'), series('b')], ['a', 'b']],
    [
      'get the labels in which they differ',
      [series('GET', { code: '200' }), series('GET', { code: '500' })],
      ['GET · 200', 'GET · 500'],
    ],
    [
      'get their resource',
      [series('up', {}, 'm/up', 'one'), series('up', {}, 'm/up', 'two')],
      ['up · one', 'up · two'],
    ],
    ['get their metric', [series('p99', {}, 'm/read'), series('p99', {}, 'm/write')], ['p99 · read', 'p99 · write']],
    ['are numbered, if nothing else differs', [series('x'), series('x'), series('x')], ['x', 'x (2)', 'x (3)']],
    ['of others are kept', [series('a'), series('a', {}, 'm/other'), series('b')], ['a · up', 'a · other', 'b']],
  ] as const) {
    it(what, () => assert.deepEqual(distinctNames(given), names))
  }
})
