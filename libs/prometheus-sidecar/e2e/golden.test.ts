import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type SeededRandom, seededRandom, seedFromEnvironment } from '../src/testing/seeded-random.ts'
import { eventually } from './child.ts'
import { Emulator, type StoredPoint } from './emulator.ts'
import { goldenPoints, goldenRequests, goldenShiftMs } from './golden-fixture.ts'
import { startPrometheusStandIn } from './prometheus-stand-in.ts'
import { Sidecar } from './sidecar.ts'

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
}

for (const shards of [1, 4, 16]) {
  test(`the golden samples become Google's points exactly, from ${shards} shards, each request sent twice`, async (context) => {
    const seed = seedFromEnvironment()
    context.diagnostic(`SEED=${seed}`)
    const random = seededRandom(seed)
    const folder = await mkdtemp(join(tmpdir(), 'golden-'))
    const emulator = await Emulator.start()
    const prometheus = await startPrometheusStandIn()
    const sidecar = await Sidecar.start({
      grpcAddress: emulator.grpcAddress,
      prometheusUrl: prometheus.url,
      stateFile: join(folder, 'state'),
    })
    context.after(async () => {
      await sidecar.child.stop('SIGKILL')
      await emulator.child.stop('SIGKILL')
      prometheus.server.close()
      await rm(folder, { recursive: true })
    })
    const shiftMs = goldenShiftMs()
    const expected = goldenPoints(shiftMs)

    const requests = goldenRequests(shards, shiftMs, random)
    await Promise.all(requests.map((shard) => sendTwice(shard, sidecar.url, random)))

    await eventually(
      `${expected.length} points are stored`,
      async () => (await emulator.summary()).points >= expected.length,
      { withinMs: 60_000, detail: () => sidecar.output.slice(-4000) },
    )
    const stored = await emulator.stored()
    assert.deepEqual(stored.map(comparable).sort(), expected.map(comparable).sort())
    assert.equal((await emulator.summary()).pointsRefused, 0, JSON.stringify(await emulator.refusals()))
    assert.equal(await sidecar.child.stop('SIGTERM'), 0)
  })
}

/** Sends a shard's requests in order, each twice: one after the other, or both at once. */
async function sendTwice(requests: readonly Buffer[], url: string, random: SeededRandom): Promise<void> {
  for (const request of requests) {
    if (random.below(2) === 0) await Promise.all([send(request, url), send(request, url)])
    else {
      await send(request, url)
      await send(request, url)
    }
  }
}

/** Sends as Prometheus does: again after a 5xx. */
async function send(request: Buffer, url: string): Promise<void> {
  await eventually('a request is answered with 2xx', async () => {
    const response = await fetch(`${url}/api/v1/write`, {
      method: 'POST',
      headers: HEADERS,
      body: new Uint8Array(request),
    })
    const text = await response.text()
    if (response.status >= 500) throw new Error(`${response.status} ${text}`)
    assert.equal(response.status, 204, text)
    return true
  })
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
