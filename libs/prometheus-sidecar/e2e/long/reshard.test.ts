import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { seededRandom, seedFromEnvironment } from '../../test/testing/seeded-random.ts'
import { eventually } from '../child.ts'
import { PROMETHEUS_IS_MISSING } from '../prometheus.ts'
import { Stack } from '../stack.ts'

const SERIES = 3_000
const LATENCY_MS = 8_500
/** Prometheus' own defaults, with which it changes the number of shards by itself. */
const DEFAULT_QUEUE = {
  min_shards: 1,
  max_shards: 200,
  capacity: 2_500,
  max_samples_per_send: 500,
  batch_send_deadline: '5s',
  min_backoff: '30ms',
  max_backoff: '5s',
}

test(`no sample of ${SERIES} series is lost when Prometheus reshards because Cloud Monitoring takes ${LATENCY_MS} ms`, {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 1_500_000,
}, async (context) => {
  let scrapes = 0
  const target = createServer((_request, response) => {
    scrapes += 1
    const lines = ['# TYPE wide gauge', '# TYPE wide_total counter']
    for (let index = 0; index < SERIES / 2; index++)
      lines.push(`wide{n="${index}"} ${scrapes + index}`, `wide_total{n="${index}"} ${scrapes * index}`)
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end(`${lines.join('\n')}\n`)
  })
  target.listen(0, '127.0.0.1')
  await once(target, 'listening')
  context.after(() => {
    target.close()
    target.closeAllConnections()
  })
  const address = target.address()
  assert.ok(typeof address === 'object' && address !== null)
  const stack = await Stack.start(context, {
    random: seededRandom(seedFromEnvironment()),
    jobs: [{ job: 'wide', target: `127.0.0.1:${address.port}`, interval: '10s' }],
    prometheus: { queue: DEFAULT_QUEUE },
  })
  const { prometheus, emulator, sidecar } = stack
  await eventually('points are stored', async () => (await emulator.summary()).points > SERIES, { withinMs: 120_000 })
  const shards = () => prometheus.metric('prometheus_remote_storage_shards')
  const before = await shards()
  await emulator.fault({ latencyMs: LATENCY_MS, durationSeconds: 600 })
  await eventually('the number of shards changes', async () => (await shards()) !== before, { withinMs: 400_000 })
  const more = scrapes + 12
  await eventually('more is scraped', async () => scrapes >= more, { withinMs: 300_000, everyMs: 1_000 })
  await emulator.clearFaults()
  const { expected } = await stack.verifyAll('after the reshards', { withinMs: 300_000 })
  const filled = await sidecar.metric('prometheus_sidecar_hole_filled_samples')
  context.diagnostic(`${before} shards, then ${await shards()}; ${expected} samples, ${filled} filled into gaps`)
  assert.equal(await sidecar.metric('prometheus_sidecar_hole_unfilled_series'), 0)
})
