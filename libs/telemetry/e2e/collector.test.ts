import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePorts } from '@node-to-cloud/bench'
import { findPeer } from '@node-to-cloud/peers'
import { ServiceProcess } from '@node-to-cloud/telemetry/testing'

const module = fileURLToPath(new URL('../../../apps/flask-app/src/main.ts', import.meta.url))
const program = findPeer('opentelemetry-collector')

interface ExponentialPoint {
  readonly count: string
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly zeroCount?: string
  readonly positive: { readonly bucketCounts: readonly string[] }
}

/** A metric as the Collector writes it in JSON. */
interface Metric {
  readonly name: string
  readonly exponentialHistogram?: { readonly dataPoints: readonly ExponentialPoint[] }
}

/** Stores what it receives by OTLP in JSON. */
async function startReceiver(context: TestContext) {
  const metrics: Metric[] = []
  const lines: string[] = []
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request))
    for (const { scopeMetrics } of body.resourceMetrics ?? [])
      for (const scope of scopeMetrics) metrics.push(...scope.metrics)
    for (const { scopeLogs } of body.resourceLogs ?? [])
      for (const { logRecords } of scopeLogs)
        for (const record of logRecords) lines.push(`${record.severityText} ${record.body.stringValue}`)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  context.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { metrics, lines, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Starts a Collector that forwards everything in JSON; returns its URL. */
async function startCollector(context: TestContext, path: string, to: string): Promise<string> {
  const [port] = await freePorts(1)
  const pipeline = { receivers: ['otlp'], exporters: ['otlphttp'] }
  const configuration = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: { otlphttp: { endpoint: to, encoding: 'json', compression: 'none' } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { metrics: pipeline, logs: pipeline },
    },
  }
  const file = join(mkdtempSync(join(tmpdir(), 'telemetry-collector-')), 'collector.yaml')
  writeFileSync(file, JSON.stringify(configuration))
  const child = spawn(path, [`--config=${file}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  context.after(() => child.kill('SIGKILL'))
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  while (!output.includes('Everything is ready')) {
    if (child.exitCode !== null) assert.fail(output)
    await setTimeout(20)
  }
  return `http://127.0.0.1:${port}`
}

test('a Collector reads metrics of two workers in exponential buckets, even after one of them dies, and log lines', {
  skip: program === undefined && 'no Collector is built: node tools/peers/src/main.ts opentelemetry-collector',
}, async (context) => {
  const receiver = await startReceiver(context)
  await using flask = new ServiceProcess({
    module,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: await startCollector(context, program ?? '', receiver.url),
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_BLRP_SCHEDULE_DELAY: '50',
      OTEL_TRACES_EXPORTER: 'none',
      WORKERS: '2',
    },
  })
  await flask.until('it is ready', async () => receiver.lines.some((line) => line.includes('The service is at')))
  const url = /The service is at (\S+)\.$/m.exec(receiver.lines.join('\n'))?.[1] ?? assert.fail('it has no URL')
  const points = () =>
    receiver.metrics
      .filter(({ name }) => name === 'flask_http_request_duration_seconds')
      .map(({ exponentialHistogram }) => exponentialHistogram?.dataPoints[0] ?? assert.fail('it is not exponential'))
  const request = async (count: number) => {
    for (let index = 0; index < count; index++) await (await fetch(url, { headers: { connection: 'close' } })).text()
  }
  await request(20)
  await flask.until('20 are counted', async () => points().at(-1)?.count === '20')
  const answers = () => receiver.lines.filter((line) => line === 'INFO GET / 200').length
  await flask.until('their lines are there', async () => answers() === 20)
  process.kill(flask.children[0] ?? assert.fail(), 'SIGKILL')
  await flask.until('a worker has died', async () => receiver.lines.some((line) => line.includes('died by signal')))
  await request(1)
  await flask.until('so is the next one', async () => points().at(-1)?.count === '21')
  let before = 0
  for (const { sum, min, max, positive, count, zeroCount = '0' } of points()) {
    assert.ok(sum >= before && min > 0 && max >= min)
    assert.equal(
      positive.bucketCounts.reduce((total, each) => total + Number(each), Number(zeroCount)),
      Number(count),
    )
    before = sum
  }
  flask.kill('SIGTERM')
  assert.deepEqual(await flask.exit, { code: 0, signal: null })
  assert.equal(answers(), 21)
})
