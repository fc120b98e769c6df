import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startSidecar, stored } from '../../test/testing/ingester-rig.ts'
import { encodeVersion2, type PlainSeries2 } from '../../test/testing/version-2-encoder.ts'
import { decodeVersion2 } from '../remote-write/version-2.ts'

const TARGET = { instance: 'h:1', job: 'j' }
const COUNTER = 1
const GAUGE = 2
const HISTOGRAM = 3
const SUMMARY = 5

async function rig() {
  const sidecar = await startSidecar()
  sidecar.targets.types = {}
  const take = (...timeseries: PlainSeries2[]) =>
    sidecar.ingester.ingest(decodeVersion2(encodeVersion2({ timeseries })).batch, { deadlineMs: 30_000 })
  const series = (
    name: string,
    type: number,
    [value, timestamp, startTimestamp = 0]: [value: number, timestamp: number, start?: number],
    labels = {},
  ): PlainSeries2 => ({
    labels: { __name__: name, ...TARGET, ...labels },
    type,
    samples: [{ value, timestamp, startTimestamp }],
  })
  return { sidecar, take, series }
}

describe('types and starts sent with the samples', () => {
  it('are used where the target’s own are unknown', async () => {
    const { sidecar, take, series } = await rig()
    for (const [timestamp, value] of [
      [1000, 5],
      [2000, 8],
    ] as const) {
      await take(
        series('temperature', GAUGE, [value, timestamp]),
        series('told_total', COUNTER, [value, timestamp, 500]),
        series('untold_total', COUNTER, [value, timestamp]),
        series('lag', SUMMARY, [value, timestamp], { quantile: '0.5' }),
        series('lag_count', SUMMARY, [value, timestamp, 500]),
        series('h_bucket', HISTOGRAM, [value, timestamp, 500], { le: '1.0' }),
        series('h_count', HISTOGRAM, [value, timestamp, 500]),
        series('h_sum', HISTOGRAM, [value, timestamp, 500]),
      )
    }
    sidecar.clock.nowMs += 10_000
    sidecar.ingester.tick()
    await sidecar.close()
    assert.deepEqual(stored(sidecar), {
      h: ['500..1000 [5 0] mean 1', '500..2000 [8 0] mean 1'],
      'lag quantile=0.5': ['1000 5', '2000 8'],
      lag_count: ['500..1000 5', '500..2000 8'],
      temperature: ['1000 5', '2000 8'],
      told_total: ['500..1000 5', '500..2000 8'],
      untold_total: ['1000..2000 3'],
    })
    assert.deepEqual([...sidecar.drops], [['first_sample', 1]])
  })

  it('are those of a family’s `_created` series too, which Prometheus sends without a type', async () => {
    const { sidecar, take, series } = await rig()
    await take(
      series('jobs_total', COUNTER, [5, 1000]),
      series('jobs_created', 0, [0.5, 1000]),
      series('lag_count', SUMMARY, [5, 1000]),
      series('lag_created', 0, [0.5, 1000]),
      series('h_bucket', HISTOGRAM, [5, 1000], { le: '1.0' }),
      series('h_count', HISTOGRAM, [5, 1000]),
      series('h_sum', HISTOGRAM, [5, 1000]),
      series('h_created', 0, [0.5, 1000]),
    )
    // Of a pod that was scraped once, and by now is no target any more.
    const pod = { instance: 'gone:1', pod: 'gone' }
    await take(series('jobs_created', 0, [0.6, 1000], pod))
    await take(series('jobs_total', COUNTER, [7, 1000], pod))
    sidecar.clock.nowMs += 10_000
    sidecar.ingester.tick()
    await sidecar.close()
    assert.deepEqual(stored(sidecar), {
      h: ['500..1000 [5 0] mean 1'],
      jobs_total: ['500..1000 5'],
      'jobs_total pod=gone': ['600..1000 7'],
      lag_count: ['500..1000 5'],
    })
    assert.deepEqual([...sidecar.drops], [])
  })

  it('are not used for a `_created` series whose family has had several types', async () => {
    const { sidecar, take, series } = await rig()
    await take(series('jobs_total', COUNTER, [5, 1000]), series('jobs_count', HISTOGRAM, [5, 1000]))
    await take(series('jobs_created', 0, [0.5, 1000]))
    assert.equal(sidecar.drops.get('metadata_not_found'), 1)
  })

  it('a new start is a restart even if the value did not fall', async () => {
    const { sidecar, take, series } = await rig()
    for (const sample of [
      [5, 1000, 500],
      [7, 2000, 1500],
      [9, 3000, 1500],
    ] as const) {
      await take(series('c_total', COUNTER, [...sample]))
    }
    assert.deepEqual(stored(sidecar), { c_total: ['500..1000 5', '1500..2000 7', '1500..3000 9'] })
  })

  it('a type that is sent later ends the lookup', async () => {
    const { sidecar, take, series } = await rig()
    await take(series('g_x', 0, [1, 1000]))
    await take(series('g_x', GAUGE, [2, 2000]))
    assert.deepEqual(stored(sidecar), { g_x: ['2000 2'] })
    assert.deepEqual([...sidecar.drops], [['metadata_not_found', 1]])
  })
})

it('series with invalid labels are reported, and the others stored', async () => {
  const { sidecar, take, series } = await rig()
  sidecar.targets.types = { g: 'gauge' }
  const nameless = { labels: TARGET, samples: [{ value: 1, timestamp: 1000 }], exemplars: [] }
  const invalid = await take(series('g', GAUGE, [1, 1000]), nameless)
  assert.deepEqual(invalid, {
    series: 1,
    samples: 1,
    histograms: 0,
    exemplars: 0,
    detail: 'a series has no metric name (__name__)',
  })
  assert.equal((await take(nameless)).series, 1, 'also when it is already known')
  assert.deepEqual(stored(sidecar), { g: ['1000 1'] })
})
