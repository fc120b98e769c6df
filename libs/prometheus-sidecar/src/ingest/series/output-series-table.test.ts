import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TimeSeriesIdentity } from '../../model/time-series.ts'
import { UsageByMetric } from '../../write/metric-usage.ts'
import { ByteStore } from './byte-store.ts'
import { OutputSeriesTable } from './output-series-table.ts'

const identity = (name: string): TimeSeriesIdentity => ({
  metricType: `x.test/${name}`,
  metricLabels: new Map(),
  resourceType: 'global',
  resourceLabels: new Map(),
  metricKind: 'GAUGE',
  valueType: 'DOUBLE',
})

test('a time series has one output as long as any series maps to it', () => {
  const outputs = new OutputSeriesTable(new ByteStore(), new UsageByMetric())
  const output = outputs.join(identity('a'))
  assert.equal(outputs.join(identity('a')), output)
  assert.notEqual(outputs.join(identity('b')), output)
  outputs.leave(output)
  outputs.sweep(1000)
  assert.equal(outputs.join(identity('a')), output)
})

test('an output without sources is forgotten immediately if it never had a point, otherwise when its points are old', () => {
  const outputs = new OutputSeriesTable(new ByteStore(), new UsageByMetric())
  const [never, old, late] = [outputs.join(identity('a')), outputs.join(identity('b')), outputs.join(identity('c'))]
  old.endMs = 999
  late.endMs = 1000
  for (const output of [never, old, late]) outputs.leave(output)
  outputs.sweep(1000)
  assert.equal(outputs.size, 1)
  assert.equal(outputs.join(identity('c')), late)
})
