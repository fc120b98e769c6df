import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { MetricType } from '../../src/model/metadata.ts'
import type { SampleBatch } from '../../src/model/sample.ts'
import { decodeVersion1 } from '../../src/remote-write/version-1.ts'
import { audit, type RawSeries } from '../testing/audit.ts'
import { type SeededRandom, seededRandom, seedFromEnvironment } from '../testing/seeded-random.ts'
import { encodeWriteRequest, sortedLabels } from '../testing/write-request-encoder.ts'
import { CrashingSidecar } from './crashing-sidecar.ts'
import { OrderedApi } from './ordered-api.ts'

const RUNS = 12
const TARGET = { job: 'app', instance: 'host:1' }
const TYPES = new Map<string, MetricType>([
  ['temperature', 'gauge'],
  ['jobs', 'counter'],
  ['bytes', 'counter'],
  ['latency', 'histogram'],
  ['wait', 'histogram'],
])

test('a crash at any point between API, journal and response loses no sample and stores none twice', async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed} (each run has this plus its number)`)
  const crashes: string[] = []
  await Promise.all(Array.from({ length: RUNS }, (_, run) => survives(seed + run, crashes)))
  const points = Map.groupBy(crashes, (at) => at)
  context.diagnostic([...points].map(([at, all]) => `${all.length} crashes ${at}`).join(', '))
  assert.equal(points.size, 4, 'each kind of crash point was hit')
})

async function survives(seed: number, crashes: string[]): Promise<void> {
  const random = seededRandom(seed)
  const folder = await mkdtemp(join(tmpdir(), 'crash-'))
  const api = new OrderedApi(random)
  const raw = randomSeries(random)
  let crashesLeft = 1 + random.below(8)
  const start = (stateFile: string) =>
    CrashingSidecar.start({
      stateFile,
      target: { labels: new Map(Object.entries(TARGET)), discoveredLabels: new Map() },
      types: TYPES,
      createTimeSeries: api.createTimeSeries,
      random,
      crashAfter: crashesLeft-- > 0 ? 1 + random.below(25) : undefined,
      crashed: (at) => void crashes.push(at),
    })
  const started: CrashingSidecar[] = []
  let sidecar = start(join(folder, 'state'))
  const follow = async (current: CrashingSidecar) => {
    started.push(current)
    const stateFile = await current.death
    sidecar = start(stateFile)
    await follow(await sidecar)
  }
  const following = sidecar.then(follow)
  following.catch(() => {})
  try {
    await Promise.all(
      shardsOf(raw, random).map(async (batches) => {
        for (const batch of batches) while (!(await (await sidecar).send(batch)));
      }),
    )
    const untilMs = Number.POSITIVE_INFINITY
    const metadata = [...TYPES].map(([metric, type]) => ({ target: TARGET, metric, type }))
    const check = () => audit(raw, metadata, api.stored, { untilMs, jobs: ['app'] })
    const deadline = Date.now() + 60_000
    while (check().missing.length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
    assert.deepEqual(check().missing, [], `SEED=${seed}`)
    assert.deepEqual(check().wrong, [], `SEED=${seed}`)
  } finally {
    for (const each of started) await each.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Distributes the series over shards, and divides the samples of each shard, in order of time, into batches. */
function shardsOf(raw: readonly RawSeries[], random: SeededRandom): SampleBatch[][] {
  const shards = Array.from(
    { length: random.pick([1, 2, 4, 16]) },
    (): { series: RawSeries; at: number; value: number }[] => [],
  )
  for (const series of raw) {
    const shard = random.pick(shards)
    for (const [at, value] of series.samples) shard.push({ series, at, value })
  }
  return shards.map((samples) => {
    const inOrder = samples.sort((a, b) => a.at - b.at)
    const batches: SampleBatch[] = []
    while (inOrder.length > 0) {
      const timeseries = inOrder.splice(0, 1 + random.below(40)).map(({ series, at, value }) => ({
        labels: sortedLabels(series.labels),
        samples: [{ value, timestamp: at }],
      }))
      batches.push(decodeVersion1(encodeWriteRequest({ timeseries })).batch)
    }
    return batches
  })
}

const BOUNDS = ['1', '2', '+Inf']

/** The metrics of a process that restarts occasionally: gauges, counters and histograms, some with `_created`. */
function randomSeries(random: SeededRandom): RawSeries[] {
  const series = new Map<string, { labels: Record<string, string>; samples: [number, number][] }>()
  const sample = (labels: Record<string, string>, at: number, value: number) => {
    const key = JSON.stringify(labels)
    const known = series.get(key) ?? { labels: { ...labels, ...TARGET }, samples: [] }
    known.samples.push([at, value])
    series.set(key, known)
  }
  const scrapes = 4 + random.below(8)
  const beginMs = Date.now() - scrapes * 10_000
  let startedMs = beginMs - 5_000
  let totals = new Map<string, number>()
  let restarted = false
  // A new process has counted nothing at its first scrape, so that each restart can be detected.
  const grow = (name: string, by: number) => {
    const total = (totals.get(name) ?? 0) + (restarted ? 0 : by)
    totals.set(name, total)
    return total
  }
  for (let scrape = 0; scrape < scrapes; scrape++) {
    const at = beginMs + scrape * 10_000
    restarted = random.below(4) === 0
    if (restarted) {
      startedMs = at - 3_000
      totals = new Map()
    }
    sample({ __name__: 'temperature' }, at, random.below(5) === 0 ? Number.NaN : random.next())
    for (const queue of ['a', 'b'])
      sample({ __name__: 'jobs_total', queue }, at, grow(`jobs ${queue}`, random.below(9)))
    sample({ __name__: 'bytes_total' }, at, grow('bytes', random.below(9)))
    sample({ __name__: 'bytes_created' }, at, startedMs / 1000)
    for (const name of ['latency', 'wait']) {
      let upTo = 0
      for (const le of BOUNDS) {
        upTo += grow(`${name} ${le}`, random.below(5))
        sample({ __name__: `${name}_bucket`, le }, at, upTo)
      }
      sample({ __name__: `${name}_count` }, at, upTo)
      sample({ __name__: `${name}_sum` }, at, upTo * 1.5)
    }
    sample({ __name__: 'wait_created' }, at, startedMs / 1000)
  }
  return [...series.values()]
}
