import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'
import { Emulator } from './emulator.ts'
import { writeTracedService } from './traced-service.ts'

const module = writeTracedService()
let emulator: Emulator
before(async () => {
  emulator = await Emulator.start()
})
after(() => emulator[Symbol.asyncDispose]())

/** The labels of a request in Cloud Trace. */
const LABELS = {
  google_cloud_trace: {
    '/http/method': 'GET',
    '/http/status_code': '200',
    '/http/url': /^http:\/\/127\.0\.0\.1:\d+\/items\/7$/,
    '/http/route': '/items/:id',
    'service.version': '1.2.3',
  },
  otlp: {
    'http.request.method': 'GET',
    'http.response.status_code': '200',
    'url.path': '/items/7',
    'http.route': '/items/:id',
    'service.version': '1.2.3',
  },
}

for (const name of ['google_cloud_trace', 'otlp'] as const) {
  test(`spans reach Cloud Trace by ${name}, with route, method, status and service`, async () => {
    const traceId = Buffer.from(name.padEnd(16, '.').slice(0, 16)).toString('hex')
    await using service = new ServiceProcess({
      module,
      env: { ...emulator.environments[name], NAME: `service-by-${name}`, OTEL_BSP_SCHEDULE_DELAY: '50' },
    })
    await service.untilReady()
    const response = await fetch(`${await service.serviceUrl()}items/7`, {
      headers: { traceparent: `00-${traceId}-${'1'.repeat(16)}-01` },
    })
    assert.equal(response.status, 200)
    const trace = await service.until('the trace is stored', () => emulator.readTrace(traceId))
    assert.equal(trace.spans.length, 1)
    const span = trace.spans[0] ?? assert.fail()
    assert.equal(span.name, 'GET /items/:id')
    assert.equal(span.kind, 'RPC_SERVER')
    for (const [label, value] of Object.entries({ ...LABELS[name], 'service.name': `service-by-${name}` })) {
      const shown = span.labels?.[label] ?? ''
      assert.ok(value instanceof RegExp ? value.test(shown) : value === shown, `${label} is ${shown}`)
    }
    await service.until(
      'the metric is right',
      async () => readSeries(await service.scrape(), 'telemetry_spans_exported_total') === 1,
    )
    service.kill('SIGTERM')
    assert.deepEqual(await service.exit, { code: 0, signal: null })
  })

  test(`spans that are still in the queue are flushed by ${name} on SIGTERM; unsampled traces, metrics and probes leave none`, async () => {
    const traceId = Buffer.from(`2${name}`.padEnd(16, '.').slice(0, 16)).toString('hex')
    const unsampledId = Buffer.from(`3${name}`.padEnd(16, '.').slice(0, 16)).toString('hex')
    const NAME = `flushing-by-${name}`
    await using service = new ServiceProcess({
      module,
      env: { ...emulator.environments[name], NAME, OTEL_BSP_SCHEDULE_DELAY: '600000' },
    })
    await service.untilReady()
    const url = `${await service.serviceUrl()}items/7`
    const get = (id: string, flags: string) =>
      fetch(url, { headers: { traceparent: `00-${id}-${'1'.repeat(16)}-${flags}` } })
    await get(unsampledId, '00')
    await get(traceId, '01')
    const metricsUrl = await service.metricsUrl()
    for (const path of ['metrics', 'healthz', 'readyz']) assert.ok((await fetch(`${metricsUrl}/${path}`)).ok)
    service.kill('SIGTERM')
    assert.deepEqual(await service.exit, { code: 0, signal: null })
    assert.equal((await emulator.readTrace(traceId))?.spans.length, 1)
    assert.equal(await emulator.readTrace(unsampledId), undefined)
    assert.equal(await emulator.countTraces('service.name', NAME), 1)
  })
}
