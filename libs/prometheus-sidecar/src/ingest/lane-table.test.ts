import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteStore } from '../byte-store.ts'
import type { TimeSeriesIdentity } from '../time-series.ts'
import { LaneTable } from './lane-table.ts'

const identity = (name: string): TimeSeriesIdentity => ({
  metricType: `x.test/${name}`,
  metricLabels: new Map(),
  resourceType: 'global',
  resourceLabels: new Map(),
  metricKind: 'GAUGE',
  valueType: 'DOUBLE',
})

test('one time series has one lane, for as long as a series becomes it', () => {
  const lanes = new LaneTable(new ByteStore())
  const lane = lanes.join(identity('a'))
  assert.equal(lanes.join(identity('a')), lane)
  assert.notEqual(lanes.join(identity('b')), lane)
  lanes.leave(lane)
  lanes.sweep(1000)
  assert.equal(lanes.join(identity('a')), lane)
})

test('a lane that no series has is forgotten, though it never had a point; one with points, when they are old', () => {
  const lanes = new LaneTable(new ByteStore())
  const [never, old, late] = [lanes.join(identity('a')), lanes.join(identity('b')), lanes.join(identity('c'))]
  old.lastEndMs = 999
  late.lastEndMs = 1000
  for (const lane of [never, old, late]) lanes.leave(lane)
  lanes.sweep(1000)
  assert.equal(lanes.size, 1)
  assert.equal(lanes.join(identity('c')), late)
})
