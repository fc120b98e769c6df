import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { Agent, METHODS, request, STATUS_CODES } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ServiceProcess } from '@node-to-cloud/telemetry/testing'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** A service that responds with whatever status a request asks for. */
const module = join(mkdtempSync(join(tmpdir(), 'telemetry-cardinality-')), 'service.mjs')
writeFileSync(
  module,
  `import { createRequire } from 'node:module'
   import { readEnvironment, startTelemetry, telemetryEnvironment } from ${JSON.stringify(source('../src/index.ts'))}
   import { fastifyTelemetry } from ${JSON.stringify(source('../src/fastify/index.ts'))}
   const { default: Fastify } = await import(createRequire(${JSON.stringify(source('../package.json'))}).resolve('fastify'))
   const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
   const telemetry = await startTelemetry({ service: { name: 'test', version: '1.2.3' }, environment })
   const app = Fastify({ return503OnClosing: false })
   const metrics = { durationName: 'http_duration_seconds', durationBuckets: [0.1, 1], requestsName: 'http_requests_total' }
   await app.register(fastifyTelemetry, { telemetry, metrics, requestLog: false })
   app.all('/status/:status/:id', (request, reply) => reply.code(Number(request.params.status)).send())
   await app.listen({ port: 0, host: '127.0.0.1' })
   telemetry.logger.info({ url: 'http://127.0.0.1:' + app.server.address().port + '/' }, 'The service is at it.')
   telemetry.setReady()`,
)

const METHODS_SENT = METHODS.filter((method) => method !== 'CONNECT')
const FIRST_STATUS = 200
const STATUSES = 400
/** Defined statuses have their own value, all others share that of their class. */
const STATUS_LABELS = Object.keys(STATUS_CODES).filter((status) => Number(status) >= FIRST_STATUS).length + 4
const FORMATS = ['text/plain; version=0.0.4', 'application/openmetrics-text; version=1.0.0']
/** Nine methods have their own name, all others share one. */
const METHOD_LABELS = 10
/**
 * Three buckets, sum and count of the durations, the number of requests; in OpenMetrics also the start times of both.
 */
const SERIES_OF_A_STATUS = 8
const MAX_SERIES = METHOD_LABELS * STATUS_LABELS * SERIES_OF_A_STATUS
const CLIENTS = 20

test('10,000 different URLs, methods and statuses add no more than a constant number of series, in both formats', async () => {
  await using service = new ServiceProcess({ module })
  await service.untilReady()
  const url = await service.serviceUrl()
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  const sendAll = async (first: number, end: number) => {
    const client = async (offset: number) => {
      for (let id = first + offset; id < end; id += CLIENTS) {
        // Each method with each status in turn, the statuses first.
        const path = `status/${FIRST_STATUS + (id % STATUSES)}/x${id}?y=${id}`
        await send(new URL(path, url), METHODS_SENT[Math.floor(id / STATUSES) % METHODS_SENT.length] ?? 'GET', agent)
      }
    }
    await Promise.all(Array.from({ length: CLIENTS }, (_, offset) => client(offset)))
  }
  const seriesOf = async (accept: string) =>
    (await service.scrape(accept)).split('\n').filter((line) => /^http_(duration|requests)/.test(line))
  const all = METHODS_SENT.length * STATUSES
  await sendAll(0, all)
  const before = await Promise.all(FORMATS.map(seriesOf))
  await sendAll(all, all + 10_000)
  const after = await Promise.all(FORMATS.map(seriesOf))
  for (const [index, format] of FORMATS.entries()) {
    assert.ok((before[index]?.length ?? 0) <= MAX_SERIES, `${before[index]?.length} series`)
    assert.equal(after[index]?.length, before[index]?.length, format)
    assert.ok(after[index]?.every((line) => !line.includes('/x')))
    const counted = after[index]
      ?.filter((line) => line.startsWith('http_requests_total'))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    assert.equal(counted, all + 10_000, format)
  }
})

function send(url: URL, method: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { method, agent }, (response) => response.resume().once('end', resolve))
      .once('error', reject)
      .end()
  })
}
