import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { MetricSummary } from '../../../contract/metrics.ts'
import { breakable, findMetrics, metricRow } from './metric-list.ts'

const METRIC: MetricSummary = {
  type: 'external.googleapis.com/prometheus/http_requests_total',
  metricKind: 'CUMULATIVE',
  valueType: 'DOUBLE',
  unit: '',
  displayName: '',
  description: '',
  labelKeys: ['status'],
  resourceTypes: ['k8s_container'],
  series: 1200,
  points: 10,
  pointsPerSecond: 0,
  lastPointMs: null,
  lastValue: null,
}

describe('a metric in the list', () => {
  const cases: [changes: Partial<MetricSummary>, value: string, line: string][] = [
    [{}, '–', '1,200 series · – · status'],
    [{ lastValue: 5 * 2 ** 20, unit: 'By', pointsPerSecond: 2.5 }, '5 MiB', '1,200 series · 2.5/s · status'],
    [{ lastValue: 1234 }, '1.23 k', '1,200 series · – · status'],
    [{ lastValue: true, labelKeys: [] }, 'true', '1,200 series · – · no labels'],
    [{ lastValue: { count: 1, mean: 2 }, unit: 's' }, '1 value, mean 2 s', '1,200 series · – · status'],
    [{ lastValue: { count: 0, mean: 0 } }, 'empty', '1,200 series · – · status'],
    [
      { lastValue: { count: 12_345, mean: 0.0123 }, unit: 's' },
      '12,345 values, mean 12.3 ms',
      '1,200 series · – · status',
    ],
  ]
  for (const [changes, value, line] of cases)
    test(value, () => {
      const view = metricRow({ ...METRIC, ...changes }, { href: '#', isCurrent: false })
      assert.equal(textOf(view), `${METRIC.type} ${value} CUMULATIVE DOUBLE${line}`)
    })
})

test('a search finds metrics by all of its words', () => {
  const other = { ...METRIC, type: 'custom.googleapis.com/level', metricKind: 'GAUGE' as const, labelKeys: [] }
  const found = (search: string): number => findMetrics([METRIC, other], search).length
  assert.deepEqual(['', 'requests HTTP', 'gauge', 'status', 'k8s', 'nothing'].map(found), [2, 1, 1, 1, 2, 0])
})

test('names break only between words', () =>
  assert.deepEqual(breakable('a_b/c.d:e').map(textOf), ['a_', 'b/', 'c.', 'd:', 'e']))
