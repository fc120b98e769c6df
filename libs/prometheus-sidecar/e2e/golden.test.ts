import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startApiSink } from '../test/testing/api-sink.ts'
import { type SeededRandom, seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { readRequest, type StoredPoint } from '../test/testing/stored-points.ts'
import { eventually } from './child.ts'
import { Emulator } from './emulator.ts'
import { type GoldenClock, goldenClock, goldenPoints, goldenRequests, slowGoldenClock } from './golden-fixture.ts'
import { startPrometheusStandIn } from './prometheus-stand-in.ts'
import { sendUntilAccepted } from './remote-writer.ts'
import { Sidecar } from './sidecar.ts'

test('the golden samples become exactly the points that Google’s sidecar wrote, even if each request is sent twice', {
  concurrency: 4,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  const sinks = [1, 4, 16].map((shards) =>
    context.test(`from ${shards} shards`, async (inner) => {
      const stored: StoredPoint[] = []
      const api = await startApiSink((request) => void stored.push(...readRequest(request)))
      inner.after(() => api.close())
      await verifyGolden(inner, { shards, random: seededRandom(seed + shards), clock: goldenClock() }, api.address, {
        count: async () => stored.length,
        stored: async () => stored,
      })
    }),
  )
  const emulated = context.test('from 4 shards to cloud-emulator, which accepts no point twice', async (inner) => {
    const emulator = await Emulator.start()
    inner.after(() => emulator.child.stop('SIGKILL'))
    const run = { shards: 4, random: seededRandom(seed), clock: slowGoldenClock() }
    await verifyGolden(inner, run, emulator.grpcAddress, {
      count: async () => (await emulator.summary()).points,
      stored: () => emulator.stored(),
    })
    const { pointsAccepted, pointsRefused } = await emulator.summary()
    const extra = (await emulator.stored()).filter(isExtra).length
    assert.deepEqual(
      { pointsAccepted, pointsRefused },
      { pointsAccepted: goldenPoints(run.clock).length + extra, pointsRefused: 0 },
    )
  })
  await Promise.all([...sinks, emulated])
})

/** What Google's sidecar drops because it knows no type for it. */
const EXTRA_METRICS: ReadonlySet<string> = new Set(['external.googleapis.com/prometheus/scrape_series_added'])

function isExtra({ type }: StoredPoint): boolean {
  return EXTRA_METRICS.has(type)
}

interface GoldenRun {
  readonly shards: number
  readonly random: SeededRandom
  readonly clock: GoldenClock
}

async function verifyGolden(
  context: TestContext,
  { shards, random, clock }: GoldenRun,
  grpcAddress: string,
  api: { readonly count: () => Promise<number>; readonly stored: () => Promise<readonly StoredPoint[]> },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'golden-'))
  const prometheus = await startPrometheusStandIn()
  const sidecar = await Sidecar.start({
    grpcAddress,
    prometheusUrl: prometheus.url,
    stateFile: join(folder, 'state'),
  })
  context.after(async () => {
    await sidecar.child.stop('SIGKILL')
    prometheus.server.close()
    await rm(folder, { recursive: true })
  })
  const expected = goldenPoints(clock)

  const requests = goldenRequests(shards, clock, random)
  await Promise.all(requests.map((shard) => sendTwice(shard, sidecar.url, random)))

  const isAllStored = async () =>
    (await api.count()) > expected.length &&
    (await api.stored()).filter((point) => !isExtra(point)).length >= expected.length
  await eventually(`${expected.length} points are stored`, isAllStored, {
    withinMs: 60_000,
    detail: () => sidecar.output.slice(-4000),
  })
  assert.equal(await sidecar.child.stop('SIGTERM'), 0)
  const stored = (await api.stored()).filter((point) => !isExtra(point))
  assert.deepEqual(stored.map(comparable).sort(), expected.map(comparable).sort())
}

/** Sends the requests of a shard in order, each twice: one after the other, or both at once. */
async function sendTwice(requests: readonly Buffer[], url: string, random: SeededRandom): Promise<void> {
  for (const request of requests) {
    if (random.below(2) === 0) await Promise.all([sendUntilAccepted(request, url), sendUntilAccepted(request, url)])
    else {
      await sendUntilAccepted(request, url)
      await sendUntilAccepted(request, url)
    }
  }
}

/** A point as one line; floating-point numbers to 12 digits. */
function comparable(point: StoredPoint): string {
  const value =
    typeof point.value === 'number'
      ? digits(point.value)
      : [
          point.value.count,
          digits(point.value.mean),
          digits(point.value.sumOfSquaredDeviation),
          point.value.bounds,
          point.value.bucketCounts,
        ]
  const sorted = (labels: Readonly<Record<string, string>>) =>
    Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([
    point.type,
    sorted(point.labels),
    point.resource.type,
    sorted(point.resource.labels),
    point.metricKind,
    point.valueType,
    point.startMs ?? null,
    point.endMs,
    value,
  ])
}

function digits(value: number): string {
  return value.toPrecision(12)
}
