import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ServiceProcess } from '@node-to-cloud/telemetry/testing'
import { Emulator } from './emulator.ts'

const REQUESTS = 395
const COUNTER = 'flask_http_request'
const HISTOGRAM = 'flask_http_request_duration_seconds'
const moduleOf = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

test("counts from before a service's first scrape are in the points that the sidecar writes", async () => {
  await using emulator = await Emulator.start()
  await using service = new ServiceProcess({ module: moduleOf('apps/flask-app/src/main.ts'), env: { WORKERS: '2' } })
  await service.untilReady()
  const url = await service.serviceUrl()
  const startedAt = Date.now()
  for (let index = 0; index < REQUESTS; index++) await (await fetch(url)).text()

  const config = join(mkdtempSync(join(tmpdir(), 'first-scrape-')), 'scrape.json')
  const target = new URL(await service.metricsUrl()).host
  const labels = {
    __meta_kubernetes_namespace: 'default',
    __meta_kubernetes_pod_name: 'flask-1',
    __meta_kubernetes_pod_container_name: 'flask',
  }
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'kubernetes-pods', static_configs: [{ targets: [target], labels }] }],
    }),
  )
  await using sidecar = new ServiceProcess({
    module: moduleOf('libs/prometheus-sidecar/src/main.ts'),
    args: [
      `--scrape.config=${config}`,
      '--stackdriver.project-id=demo-project',
      '--stackdriver.kubernetes.location=us-central1',
      '--stackdriver.kubernetes.cluster-name=demo',
      `--stackdriver.api-address=http://${emulator.grpcAddress}/?auth=false`,
      '--web.listen-address=127.0.0.1:0',
    ],
  })
  const points = await sidecar.until('both metrics are written', async () => {
    const [counter] = await emulator.readPoints(COUNTER)
    const [histogram] = await emulator.readPoints(HISTOGRAM)
    return counter !== undefined && histogram !== undefined && { counter, histogram }
  })
  assert.equal(points.counter.value.doubleValue, REQUESTS)
  assert.equal(Number(points.histogram.value.distributionValue?.count), REQUESTS)
  for (const { interval } of Object.values(points))
    assert.ok(Date.parse(interval.startTime) < startedAt, `${interval.startTime} is before the first request`)
})
