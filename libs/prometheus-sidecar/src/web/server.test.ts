import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Registry } from '@node-to-cloud/telemetry'
import { registerGauges } from './gauges.ts'
import { SidecarMetrics } from './metrics.ts'
import { createWebServer } from './server.ts'

describe('the web server', () => {
  const registry = new Registry()
  const logged: object[] = []
  const metrics = new SidecarMetrics(registry, { info() {}, warn: (fields) => logged.push(fields) })
  registerGauges(registry, {
    version: '1.2.3',
    queueCapacity: 1,
    maxSeriesBytes: 1,
    writer: { queuedPoints: 7, requestsInFlight: 1, concurrency: 1 },
    ingester: { seriesCount: 1, seriesBytes: 1, waitingParts: 1 },
  })
  const reasons: string[] = []
  const failures: string[] = []
  const server = createWebServer({
    registry,
    readiness: () => {
      if (reasons.includes('broken')) throw new Error('secret')
      return reasons
    },
    status: () => [{ title: 'A & B', rows: [['<name>', '"value"']] }],
    log: { error: (_, message) => failures.push(message) },
  })
  before(() => server.ready())
  after(() => server.close())

  it('serves metrics in both formats, under the names of Google’s sidecar', async () => {
    metrics.batchReceived(500)
    metrics.pointStored('stored')
    metrics.pointStored('already_stored')
    metrics.pointRefused(3)
    metrics.sampleDropped('nan')
    metrics.sampleDropped('nan')
    metrics.seriesDropped({ reason: 'nan', detail: '', labels: () => 'up{}' })
    metrics.requestEnded({ code: 14, series: 3, durationMs: 20 })
    const expected = [
      'prometheus_sidecar_samples_processed_total 500',
      'prometheus_sidecar_samples_produced_total 2',
      'prometheus_sidecar_already_stored_points_total 1',
      'prometheus_sidecar_dropped_samples_total{reason="nan"} 2',
      'prometheus_sidecar_dropped_series_total{reason="nan"} 1',
      'prometheus_sidecar_refused_points_total{code="INVALID_ARGUMENT"} 1',
      'prometheus_sidecar_requests_total{code="UNAVAILABLE"} 1',
      'prometheus_remote_storage_succeeded_samples_total{queue="cloud-monitoring"} 2',
      'prometheus_remote_storage_failed_samples_total{queue="cloud-monitoring"} 1',
      'prometheus_remote_storage_queue_length{queue="cloud-monitoring"} 7',
      'prometheus_sidecar_build_info{version="1.2.3"} 1',
    ]
    for (const accept of ['application/openmetrics-text; version=1.0.0', 'text/plain']) {
      const { body, headers } = await server.inject({ url: '/metrics', headers: { accept } })
      assert.match(String(headers['content-type']), new RegExp(`^${accept.split(';')[0]}`))
      for (const line of expected) assert.ok(body.includes(`${line}\n`), line)
      const again = await server.inject({ url: '/metrics', headers: { accept } })
      assert.ok(again.body.includes(`${expected[0]}\n`), 'a scrape changes nothing')
    }
    assert.deepEqual(logged, [{ series: 'up{}', reason: 'nan' }])
  })

  it('logs an outage every ten seconds at most, and counts each retry', async () => {
    logged.length = 0
    for (let retry = 0; retry < 50; retry++) metrics.retrying({ code: 14, message: 'down', series: 9, waitMs: 1.4 })
    assert.deepEqual(logged, [{ code: 'UNAVAILABLE', error: 'down', points: 9, waitMs: 1 }])
    const { body } = await server.inject('/metrics')
    assert.match(body, /request_retries_total\{code="UNAVAILABLE"\} 50/)
  })

  it('reports whether it is alive, and whether it is ready and why not', async () => {
    assert.equal((await server.inject('/healthz')).statusCode, 200)
    assert.equal((await server.inject('/readyz')).body, 'ok\n')
    reasons.push('this', 'that')
    const { statusCode, body } = await server.inject('/readyz')
    assert.equal(statusCode, 503)
    assert.equal(body, 'not ready: this; that\n')
  })

  it('logs why a request failed, but does not tell the client', async () => {
    reasons.push('broken')
    const { statusCode, body } = await server.inject('/readyz')
    assert.equal(statusCode, 500)
    assert.equal(body, 'the request failed; see the log\n')
    assert.deepEqual(failures, ['A request failed.'])
  })

  it('shows its status with HTML escaped', async () => {
    reasons.length = 0
    for (const url of ['/', '/statusz']) {
      const { body } = await server.inject(url)
      assert.match(body, /<h2>A &amp; B<\/h2>/)
      assert.match(body, /&lt;name&gt;<\/th><td>&quot;value&quot;/)
      assert.match(body, /<noscript><meta http-equiv="refresh" content="10"><\/noscript>/)
      assert.doesNotMatch(body, / style=|<style/)
      assert.match(body, /<link rel="icon" href="\/favicon\.svg"/)
    }
    assert.equal((await server.inject('/favicon.svg')).headers['content-type'], 'image/svg+xml')
    assert.deepEqual((await server.inject('/api/status')).json(), {
      notReady: [],
      sections: [{ title: 'A & B', rows: [['<name>', '"value"']] }],
    })
  })

  it('rejects requests with the host of another site', async () => {
    for (const url of ['/', '/metrics', '/readyz', '/nowhere']) {
      const headers = { host: 'rebound.example.com' }
      assert.equal((await server.inject({ url, headers })).statusCode, 403, url)
    }
  })
})
