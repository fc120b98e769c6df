import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { collectFamilies, Registry } from '@node-to-cloud/telemetry'
import { Tally } from '../results/tally.ts'
import { WorkerMetrics } from './worker-metrics.ts'

const gauges = { users: 3, inFlight: 2, utilization: 0.25, cpuCores: 0.1, memoryBytes: 1 }

function tallyOf(durationsMs: readonly number[]): Tally {
  const tally = new Tally({ maximumSeries: 10 })
  const series = tally.seriesOf('GET', '/')
  for (const durationMs of durationsMs) {
    series.addEnd({ durationMs, firstByteMs: 1, status: 200, error: undefined, bytes: 10 })
    tally.arrivals++
    tally.lag.add(durationMs / 10)
  }
  series.addEnd({ durationMs: undefined, firstByteMs: undefined, status: undefined, error: 'ECONNREFUSED', bytes: 0 })
  return tally
}

describe('WorkerMetrics', () => {
  const registry = new Registry()
  const metrics = new WorkerMetrics(registry, 10)
  metrics.add(tallyOf([3, 30]), gauges)
  metrics.add(tallyOf([300]), gauges)
  metrics.addSpans({ exported: 4, dropped: { queue_full: 1 } })
  metrics.addSpans({ exported: 1, dropped: { queue_full: 2, shutdown: 1 } })

  async function samples(name: string): Promise<(readonly [labels: string, value: number])[]> {
    const family = [...(await collectFamilies(registry))].find((each) => each.name === name.replace(/_total$/, ''))
    assert.ok(family !== undefined, name)
    const totals = family.samples.filter((sample) => !sample.name.endsWith('_created'))
    return totals.map((sample) => [JSON.stringify(sample.labels), sample.value] as const)
  }

  it('counts requests by status over all reports, including those without a response', async () => {
    assert.deepEqual(
      (await samples('loadtester_requests_total')).map(([labels, value]) => [JSON.parse(labels).status, value]),
      [
        ['200', 3],
        ['error', 2],
      ],
    )
  })

  it('exports durations as a histogram: cumulative buckets, sum and count', async () => {
    const all = await samples('loadtester_request_duration_seconds')
    const buckets = all.filter(([labels]) => labels.includes('"le"'))
    const below = (seconds: number): number | undefined =>
      buckets.findLast(([labels]) => Number(JSON.parse(labels).le) <= seconds)?.[1]
    assert.deepEqual([below(0.01), below(0.1), below(1), buckets.at(-1)?.[1]], [1, 2, 3, 3])
    const [sum, count] = all.filter(([labels]) => !labels.includes('"le"'))
    assert.ok(Math.abs((sum?.[1] ?? 0) - 0.333) < 1e-9)
    assert.equal(count?.[1], 3)
  })

  it('counts exported spans, and lost spans by reason', async () => {
    assert.deepEqual(await samples('loadtester_spans_exported_total'), [['{}', 5]])
    assert.deepEqual(await samples('loadtester_spans_dropped_total'), [
      ['{"reason":"queue_full"}', 3],
      ['{"reason":"shutdown"}', 1],
    ])
  })

  for (const [name, value] of [
    ['loadtester_users', 3],
    ['loadtester_requests_in_flight', 2],
    ['loadtester_engine_utilization_ratio', 0.25],
    ['loadtester_arrivals_total', 3],
  ] as const) {
    it(`shows ${name}`, async () => assert.deepEqual(await samples(name), [['{}', value]]))
  }
})
