import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from '../test/testing/service-process.ts'

const index = fileURLToPath(new URL('index.ts', import.meta.url))

/** A service of a few lines, in a process of its own. */
function startService(body: string, env: Record<string, string> = {}): ServiceProcess {
  const module = join(mkdtempSync(join(tmpdir(), 'telemetry-')), 'main.mjs')
  writeFileSync(
    module,
    `import { readEnvironment, startTelemetry, telemetryEnvironment } from ${JSON.stringify(index)}
const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
const telemetry = await startTelemetry({ service: { name: 'test', version: '1.2.3' }, environment })
${body}`,
  )
  return new ServiceProcess({ module, env })
}

test('a process that needs only metrics loads neither OpenTelemetry SDK nor Fastify', async () => {
  await using service = startService(`
    const { createRequire } = await import('node:module')
    const loaded = Object.keys(createRequire(import.meta.url).cache)
    telemetry.logger.info({ loaded: loaded.filter((path) => /sdk-trace|google-cloud|otlp|fastify|google-auth/.test(path)), count: loaded.length }, 'Loaded.')`)
  const { loaded, count } = await service.untilLog(/^Loaded\.$/)
  assert.deepEqual(loaded, [])
  assert.ok(Number(count) > 10, 'the cache lists the loaded modules')
})

test('is not ready until the service says so, nor when a check fails, nor once it shuts down', async () => {
  await using service = startService(`
    telemetry.addReadinessCheck(() => globalThis.broken ? ['the database is away'] : [])
    telemetry.shutdown.add('slow', () => new Promise((resolve) => { globalThis.finish = resolve }))
    process.on('SIGUSR2', () => { telemetry.setReady() })
    process.on('SIGWINCH', () => { globalThis.broken = true })
    process.on('SIGCONT', () => globalThis.finish())
    telemetry.addReadinessCheck(async () => { if (globalThis.broken) throw new Error('out of order'); return [] })
    telemetry.logger.info('Ready for signals.')`)
  const origin = await service.metricsUrl()
  await service.untilLog(/Ready for signals/)
  const readyz = async () => {
    const response = await fetch(`${origin}/readyz`)
    return `${response.status} ${await response.text()}`
  }
  assert.equal(await readyz(), '503 not ready: starting\n')
  service.kill('SIGUSR2')
  await service.until('ready', async () => (await readyz()) === '200 ok\n')
  service.kill('SIGWINCH')
  await service.until(
    'a check fails',
    async () => (await readyz()) === '503 not ready: the database is away; a readiness check failed: out of order\n',
  )
  service.kill('SIGTERM')
  await service.until(
    'not ready because it is shutting down',
    async () => (await readyz()) === '503 not ready: shutting down\n',
  )
  assert.equal((await fetch(`${origin}/healthz`)).status, 200)
  service.kill('SIGCONT')
  assert.deepEqual(await service.exit, { code: 0, signal: null })
})

test('an uncaught exception is logged, and shuts the process down with exit code 1', async () => {
  await using service = startService(`setTimeout(() => { throw new Error('unexpected') }, 10)`)
  assert.deepEqual(await service.exit, { code: 1, signal: null })
  const line = service.log.find(({ message }) => message === 'The process ends: unexpected')
  assert.equal(line?.severity, 'CRITICAL')
  assert.match(String(line?.stack_trace), /^Error: unexpected\n {4}at /)
  assert.deepEqual(line?.serviceContext, { service: 'test', version: '1.2.3' })
})

test('a process that has drained waits for a last scrape, then exits immediately', async () => {
  await using service = startService(
    `telemetry.shutdown.add('drain', () => telemetry.logger.info('Drained.')); telemetry.setReady(); telemetry.logger.info('Ready for signals.')`,
    { LAST_SCRAPE_SECONDS: '60' },
  )
  const origin = await service.metricsUrl()
  await service.untilLog(/Ready for signals/)
  service.kill('SIGTERM')
  await service.untilLog(/Drained/)
  assert.match(await (await fetch(`${origin}/readyz`)).text(), /shutting down/)
  assert.match(await (await fetch(`${origin}/metrics`)).text(), /process_cpu_seconds_total/)
  assert.deepEqual(await service.exit, { code: 0, signal: null })
})

test('a missing last scrape is logged; a process that fails, or was never ready, does not wait for it', async () => {
  await using patient = startService(`telemetry.setReady(); telemetry.logger.info('Ready for signals.')`, {
    LAST_SCRAPE_SECONDS: '0.01',
  })
  await patient.untilLog(/Ready for signals/)
  patient.kill('SIGTERM')
  assert.deepEqual(await patient.exit, { code: 0, signal: null })
  assert.ok(patient.log.some(({ message }) => /^Not scraped within 0\.01 s/.test(String(message))))

  const env = { LAST_SCRAPE_SECONDS: '3600' }
  await using failing = startService(
    `telemetry.setReady(); setTimeout(() => { throw new Error('unexpected') }, 10)`,
    env,
  )
  assert.deepEqual(await failing.exit, { code: 1, signal: null })

  await using starting = startService(`telemetry.logger.info('Ready for signals.')`, env)
  await starting.untilLog(/Ready for signals/)
  starting.kill('SIGTERM')
  assert.deepEqual(await starting.exit, { code: 0, signal: null })
})

test('the metrics server serves only its own paths', async () => {
  await using service = startService('telemetry.setReady()')
  const origin = await service.metricsUrl()
  const statusOf = async (path: string, method = 'GET') => (await fetch(`${origin}${path}`, { method })).status
  assert.equal(await statusOf('/metrics?x=1'), 200)
  assert.equal(await statusOf('/'), 404)
  assert.equal(await statusOf('/metrics', 'POST'), 405)
  assert.equal(await statusOf('/metrics', 'HEAD'), 200)
  for (const [target, status] of [
    [`${origin}/healthz`, 200],
    [`${origin}/metrics?x=1`, 200],
    [`${origin}/nothing`, 404],
  ] as const) {
    const { hostname, port } = new URL(origin)
    const [response] = (await once(get({ hostname, port, path: target }), 'response')) as [IncomingMessage]
    response.resume()
    assert.equal(response.statusCode, status, `the absolute form ${target}`)
  }
})

const SPANS = `
  for (let index = 0; index < 30; index++) telemetry.tracer.startSpan('test').end()
  await telemetry.tracing.flush()
  telemetry.logger.info('Flushed.')`

test('spans reach an OTLP collector with the resource of the service', async () => {
  const bodies: Buffer[] = []
  const collector = createServer(async (request, response) => {
    for await (const chunk of request) bodies.push(chunk)
    response.end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => collector.once('listening', resolve))
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
  try {
    await using service = startService(SPANS, {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_RESOURCE_ATTRIBUTES: 'k8s.namespace.name=shop',
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
    })
    await service.untilLog(/^Flushed/)
    assert.equal(readSeries(await service.scrape(), 'telemetry_spans_exported_total'), 30)
    const text = Buffer.concat(bodies).toString('latin1')
    for (const attribute of [
      'service.name',
      'service.version',
      '1.2.3',
      'k8s.pod.name',
      'k8s.namespace.name',
      'shop',
    ]) {
      assert.ok(text.includes(attribute), attribute)
    }
  } finally {
    collector.close()
    collector.closeAllConnections()
  }
})

test('OTEL_EXPORTER_OTLP_PROTOCOL selects JSON, and OTEL_EXPORTER_OTLP_TIMEOUT how long an export may take', async () => {
  const requests: { type: string | undefined; body: string }[] = []
  const collector = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    requests.push({ type: request.headers['content-type'], body })
    if (requests.length === 1) response.setHeader('content-type', 'application/json').end('{}')
  }).listen(0, '127.0.0.1')
  await once(collector, 'listening')
  try {
    await using service = startService(`${SPANS}\n${SPANS.replace('Flushed.', 'Flushed again.')}`, {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    })
    await service.untilLog(/^Flushed again/)
    const text = await service.scrape()
    assert.equal(readSeries(text, 'telemetry_spans_exported_total'), 30)
    assert.equal(readSeries(text, 'telemetry_spans_dropped_total{reason="export_failed"}'), 30)
    assert.equal(requests[0]?.type, 'application/json')
    assert.equal(JSON.parse(requests[0]?.body ?? '').resourceSpans[0].scopeSpans[0].spans.length, 30)
  } finally {
    collector.close()
    collector.closeAllConnections()
  }
})

for (const [title, handle] of [
  ['is down', undefined],
  ['refuses', (status: (code: number) => void) => status(400)],
  ['never responds', () => {}],
] as const) {
  test(`a collector that ${title} causes lost spans, which are counted, and does not prevent the process from exiting`, async () => {
    const collector = createServer((_request, response) => {
      handle?.((code) => {
        response.statusCode = code
        response.end()
      })
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => collector.once('listening', resolve))
    const { port } = collector.address() as AddressInfo
    if (handle === undefined) collector.close()
    try {
      await using service = startService(
        `${SPANS.replace('await telemetry.tracing.flush()', 'void telemetry.tracing.flush()')}
        telemetry.shutdown.add('count', async () => {
          await telemetry.tracing.shutdown()
          telemetry.logger.info({ counts: telemetry.tracing.counts }, 'Ended.')
        })`,
        {
          OTEL_TRACES_EXPORTER: 'otlp',
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
          OTEL_BSP_EXPORT_TIMEOUT: '1000',
        },
      )
      await service.untilLog(/^Flushed/)
      service.kill('SIGTERM')
      assert.deepEqual(await service.exit, { code: 0, signal: null })
      const ended = service.log.find(({ message }) => message === 'Ended.') ?? assert.fail('it did not end its traces')
      const { exported, dropped } = ended.counts as { exported: number; dropped: Record<string, number> }
      assert.equal(exported, 0)
      assert.equal(
        Object.values(dropped).reduce((sum, count) => sum + count, 0),
        30,
      )
    } finally {
      collector.close()
      collector.closeAllConnections()
    }
  })
}

test('a sampler is chosen by OTEL_TRACES_SAMPLER', async () => {
  await using service = startService(
    `let sampled = 0
     for (let index = 0; index < 1000; index++) {
       const span = telemetry.tracer.startSpan('test')
       sampled += span.spanContext().traceFlags & 1
       span.end()
     }
     telemetry.logger.info({ sampled }, 'Sampled.')`,
    {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    },
  )
  const { sampled } = await service.untilLog(/^Sampled/)
  assert.ok(Number(sampled) > 150 && Number(sampled) < 350, `${sampled} of 1,000 spans are sampled`)
})

test('the preload module traces requests of fetch, and propagates the context', async () => {
  const { promise: header, resolve } = Promise.withResolvers<string | undefined>()
  const server = createServer((request, response) => {
    resolve(request.headers.traceparent?.toString())
    response.end()
  }).listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  const module = join(mkdtempSync(join(tmpdir(), 'telemetry-')), 'main.mjs')
  writeFileSync(
    module,
    `import { createRequire } from 'node:module'
     const { trace } = createRequire(${JSON.stringify(index)})('@opentelemetry/api')
     await trace.getTracer('test').startActiveSpan('parent', async (span) => {
       await fetch(process.env.TARGET)
       console.log(JSON.stringify({ message: 'Parent.', traceId: span.spanContext().traceId }))
     })`,
  )
  try {
    await using service = new ServiceProcess({
      module,
      nodeArgs: ['--import', fileURLToPath(new URL('instrumentation.ts', import.meta.url))],
      env: {
        TARGET: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      },
    })
    const { traceId } = await service.untilLog(/^Parent/)
    assert.match((await header) ?? '', new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

for (const { signal, status, expected } of [
  { signal: 'TRACES', status: 400, expected: /^1 span was dropped: .*Bad Request/ },
  {
    signal: 'METRICS',
    status: 400,
    expected: /^(?:1 point of a metric was|\d+ points of metrics were) dropped: .*Bad Request/,
  },
  { signal: 'LOGS', status: 400, expected: /^(?:1 log line was|\d+ log lines were) dropped: .*Bad Request/ },
  { signal: 'TRACES', status: 503, expected: /^1 span was dropped: the process ended before it was accepted\.$/ },
])
  test(`what the last export of ${signal} loses to a ${status} is logged at shutdown`, async () => {
    await using collector = createServer((_request, response) => response.writeHead(status).end()).listen(0)
    await once(collector, 'listening')
    const { port } = collector.address() as AddressInfo
    await using service = startService(
      `telemetry.tracer.startSpan('last').end()
telemetry.logger.info('Ready for signals.')`,
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        OTEL_TRACES_EXPORTER: 'none',
        [`OTEL_${signal}_EXPORTER`]: signal === 'LOGS' ? 'console,otlp' : 'otlp',
      },
    )
    await service.untilLog(/Ready for signals/)
    service.kill('SIGTERM')
    const { severity } = await service.untilLog(expected)
    assert.equal(severity, 'WARNING')
    assert.deepEqual(await service.exit, { code: 0, signal: null })
  })
