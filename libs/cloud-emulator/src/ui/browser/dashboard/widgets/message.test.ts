import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TimeSeriesQuery } from '../../../../contract/dashboard.ts'
import { metricTypesOf } from './message.ts'

test('the metric types in a query', () => {
  const filter = (type: string): string => `metric.type = "${type}" AND resource.type="global"`
  const cases: [query: TimeSeriesQuery | undefined, types: string[]][] = [
    [undefined, []],
    [{ prometheusQuery: 'up' }, []],
    [{ timeSeriesFilter: { filter: filter('a/b') } }, ['a/b']],
    [{ timeSeriesFilter: { filter: 'metric.type="a" OR metric.type="b"' } }, ['a', 'b']],
    [{ timeSeriesFilterRatio: { numerator: { filter: filter('a') }, denominator: { filter: filter('a') } } }, ['a']],
  ]
  for (const [query, types] of cases) assert.deepEqual(metricTypesOf(query), types)
})
