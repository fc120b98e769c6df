import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deserialize, serialize } from 'node:v8'
import type { Exemplar, MetricFamily } from '../metrics/family.ts'
import { type MetricsReport, ReportEncoder, ReportReader } from './report.ts'

const family = (samples: MetricFamily['samples']): MetricFamily => ({
  name: 'h',
  help: 'H',
  type: 'histogram',
  aggregator: 'sum',
  samples,
})
const sample = (x: string, value: number, exemplar?: Exemplar) => ({
  name: 'h_bucket',
  labels: { x },
  value,
  ...(exemplar === undefined ? {} : { exemplar }),
})
const exemplar = (timestampSeconds: number): Exemplar => ({ labels: { trace_id: 'a' }, value: 1, timestampSeconds })

/** A report as it comes out of the channel between two processes. */
const send = (report: MetricsReport): MetricsReport => deserialize(serialize(report)) as MetricsReport

test('reports are read back unchanged, over growing and shrinking sets of samples', () => {
  const encoder = new ReportEncoder()
  const reader = new ReportReader()
  const states: MetricFamily[][] = [
    [family([sample('a', 1)])],
    [family([sample('a', 2)])],
    [family([sample('a', 2, exemplar(1)), sample('b', Number.POSITIVE_INFINITY)])],
    [family([sample('a', 3, exemplar(1)), sample('b', Number.NaN)])],
    [family([sample('a', 3, exemplar(2)), sample('b', 1, exemplar(2))])],
    [family([sample('b', 1)])],
    [family([sample('b', 1)]), { ...family([]), name: 'other' }],
    [],
  ]
  for (const families of states) {
    reader.read(send(encoder.encode(families)))
    assert.deepEqual(reader.families(), families)
  }
})

test('names, label sets and exemplars are sent once', () => {
  const encoder = new ReportEncoder()
  assert.ok(encoder.encode([family([sample('a', 1, exemplar(1))])]).layout)
  const second = encoder.encode([family([sample('a', 2, exemplar(1))])])
  assert.deepEqual(second, { values: Float64Array.of(2) })
  assert.deepEqual(encoder.encode([family([sample('a', 2, exemplar(2))])]).exemplars, [[0, exemplar(2)]])
})

test('a report continues the previous one unless something is new, gone or lower', () => {
  const encoder = new ReportEncoder()
  const reader = new ReportReader()
  reader.read(encoder.encode([family([sample('a', 5)])]))
  assert.equal(reader.isContinuedBy(encoder.encode([family([sample('a', 6)])])), true)
  assert.equal(reader.isContinuedBy(encoder.encode([family([sample('a', 4)])])), false)
  assert.equal(reader.isContinuedBy(encoder.encode([family([sample('a', 6), sample('b', 0)])])), false)
})
