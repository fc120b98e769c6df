import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'telemetry-e2e-'))
let emulator: ServiceProcess
let httpUrl = ''
let tlsEndpoint = ''

before(async () => {
  const free = '127.0.0.1:0'
  emulator = new ServiceProcess({
    module: source('../../cloud-emulator/src/main.ts'),
    args: [
      '--http.listen-address',
      free,
      '--grpc.listen-address',
      free,
      '--grpc-tls.listen-address',
      free,
      '--tls-dir',
      folder,
    ],
    env: { GOOGLE_CLOUD_PROJECT: 'demo-project' },
  })
  const urls = await emulator.until('the emulator tells its addresses', () => {
    const found = emulator.stdout.match(/127\.0\.0\.1:\d+/g) ?? []
    return new Set(found).size >= 3 ? [...new Set(found)] : undefined
  })
  const isHttp = async (address: string) =>
    (await fetch(`http://${address}/healthz`).catch(() => undefined))?.ok === true
  for (const address of urls) {
    if (await isHttp(address)) httpUrl = `http://${address}`
  }
  tlsEndpoint = urls.at(-1) ?? ''
})

after(() => emulator[Symbol.asyncDispose]())

const module = join(folder, 'service.mjs')
writeFileSync(
  module,
  `import { createRequire } from 'node:module'
   import { readEnvironment, startTelemetry, telemetryEnvironment } from ${JSON.stringify(source('../src/index.ts'))}
   import { fastifyTelemetry } from ${JSON.stringify(source('../src/fastify/index.ts'))}
   const { default: Fastify } = await import(createRequire(${JSON.stringify(source('../package.json'))}).resolve('fastify'))
   const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
   const telemetry = await startTelemetry({ service: { name: process.env.NAME, version: '1.2.3' }, environment })
   const app = Fastify({ return503OnClosing: false })
   await app.register(fastifyTelemetry, { telemetry })
   app.get('/items/:id', async () => 'item')
   await app.listen({ port: 0, host: '127.0.0.1' })
   telemetry.logger.info({ url: 'http://127.0.0.1:' + app.server.address().port + '/' }, 'The service is at it.')
   telemetry.setReady()`,
)

interface Trace {
  readonly traceId: string
  readonly spans: readonly {
    readonly name: string
    readonly kind?: string
    readonly labels?: Readonly<Record<string, string>>
  }[]
}

async function readTrace(traceId: string): Promise<Trace | undefined> {
  const response = await fetch(`${httpUrl}/v1/projects/demo-project/traces/${traceId}`)
  return response.ok ? ((await response.json()) as Trace) : undefined
}

const exporters: readonly (readonly [name: string, env: () => Record<string, string>])[] = [
  [
    'google_cloud_trace',
    () => ({
      OTEL_TRACES_EXPORTER: 'google_cloud_trace',
      CLOUD_TRACE_ENDPOINT: tlsEndpoint,
      GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: join(folder, 'ca.crt'),
      GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'credentials.json'),
    }),
  ],
  ['otlp', () => ({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl })],
]

for (const [name, env] of exporters) {
  test(`spans reach Cloud Trace by ${name}, with route, method, status and service`, async () => {
    const traceId = Buffer.from(name.padEnd(16, '.').slice(0, 16)).toString('hex')
    await using service = new ServiceProcess({
      module,
      env: {
        ...env(),
        NAME: `service-by-${name}`,
        GOOGLE_CLOUD_PROJECT: 'demo-project',
        OTEL_BSP_SCHEDULE_DELAY: '50',
      },
    })
    await service.untilReady()
    const response = await fetch(`${await service.serviceUrl()}items/7`, {
      headers: { traceparent: `00-${traceId}-${'1'.repeat(16)}-01` },
    })
    assert.equal(response.status, 200)
    const trace = await service.until('the trace is stored', () => readTrace(traceId))
    assert.equal(trace.spans.length, 1)
    const span = trace.spans[0] ?? assert.fail()
    assert.equal(span.name, 'GET /items/:id')
    const labels = JSON.stringify(span.labels)
    for (const part of [`service-by-${name}`, '1.2.3', 'GET', '200', '/items/'])
      assert.ok(labels.includes(part), `${part} is not in ${labels}`)
    await service.until(
      'the metric tells',
      async () => readSeries(await service.scrape(), 'telemetry_spans_exported_total') === 1,
    )
    service.kill('SIGTERM')
    assert.deepEqual(await service.exit, { code: 0, signal: null })
  })

  test(`spans that are still in the queue are flushed by ${name} on SIGTERM; a trace that is not sampled, metrics and probes leave none`, async () => {
    const traceId = Buffer.from(`2${name}`.padEnd(16, '.').slice(0, 16)).toString('hex')
    const unsampledId = Buffer.from(`3${name}`.padEnd(16, '.').slice(0, 16)).toString('hex')
    await using service = new ServiceProcess({
      module,
      env: { ...env(), NAME: 'flushing', GOOGLE_CLOUD_PROJECT: 'demo-project', OTEL_BSP_SCHEDULE_DELAY: '600000' },
    })
    await service.untilReady()
    const url = `${await service.serviceUrl()}items/7`
    const get = (id: string, flags: string) =>
      fetch(url, { headers: { traceparent: `00-${id}-${'1'.repeat(16)}-${flags}` } })
    await get(unsampledId, '00')
    await get(traceId, '01')
    await service.scrape()
    service.kill('SIGTERM')
    assert.deepEqual(await service.exit, { code: 0, signal: null })
    assert.equal((await readTrace(traceId))?.spans.length, 1)
    assert.equal(await readTrace(unsampledId), undefined)
  })
}
