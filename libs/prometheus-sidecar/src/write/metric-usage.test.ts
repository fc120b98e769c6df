import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usageSection, usageTable } from '../web/usage-text.ts'
import { UsageByMetric } from './metric-usage.ts'

const DAY_MS = 24 * 60 * 60_000
const distribution = {
  count: 3,
  mean: 1,
  sumOfSquaredDeviation: 0,
  bounds: [1, 2],
  bucketCounts: [1, 0, 2],
  exemplars: [],
}

test('a month is estimated by the times of the points, largest first', () => {
  const usages = new UsageByMetric()
  const [gauge, histogram] = [usages.of('x/g', 'GAUGE'), usages.of('x/h', 'DISTRIBUTION')]
  assert.equal(usages.of('x/g', 'GAUGE'), gauge)
  assert.deepEqual(usages.monthly()[0]?.points, 0)
  gauge.series = 2
  for (const endMs of [0, DAY_MS]) {
    usages.add(gauge, { startMs: undefined, endMs, value: 1 })
    usages.add(histogram, { startMs: 0, endMs: endMs / 2, value: distribution })
  }
  assert.deepEqual(usages.monthly(), [
    { metricType: 'x/h', kind: 'DISTRIBUTION', series: 0, points: 60.875, samples: 243.5, bytes: 4870 },
    { metricType: 'x/g', kind: 'GAUGE', series: 2, points: 60.875, samples: 60.875, bytes: 487 },
  ])
  assert.equal(
    usageTable(usages.monthly()),
    [
      'TYPE  KIND          SERIES  POINTS/MONTH  SAMPLES/MONTH  BYTES/MONTH',
      'x/h   DISTRIBUTION       0            61            244        4,870',
      'x/g   GAUGE              2            61             61          487',
      'all                      2           122            304        5,357',
    ].join('\n'),
  )
  assert.deepEqual(usageSection(usages.monthly()).rows, [
    ['x/h', '0 series: 61 points, 244 samples, 4.76 KiB'],
    ['x/g', '2 series: 61 points, 61 samples, 487 B'],
  ])
})

test('the status page adds up the metrics of low cost', () => {
  const usages = new UsageByMetric()
  for (let index = 0; index < 25; index++) usages.of(`x/${index}`, 'GAUGE').series = 1
  const { rows } = usageSection(usages.monthly())
  assert.equal(rows.length, 21)
  assert.deepEqual(rows.at(-1), ['5 more metrics', '5 series: 0 points, 0 samples, 0 B'])
})
