import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { readEnvironment } from '@node-to-cloud/command-line'
import { Counter, createRegistry, Gauge, Histogram, Summary } from '../metrics/client.ts'
import { FamilyCollector } from '../metrics/family-collector.ts'
import { RegistryCollector } from '../metrics/registry-collector.ts'
import { sendsExponentialHistograms } from '../process/signal-environment.ts'
import { type TelemetryEnvironment, telemetryEnvironment } from '../process/telemetry-environment.ts'
import { MetricsExporter } from './metrics-exporter.ts'
import { metricsRequests } from './metrics-request.ts'
import { createOtlpSender } from './otlp-sender.ts'
import { startLogExport, startMetricsExport } from './start-export.ts'

interface Received {
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const SERVICE = { name: 'shop', version: '1.2.3' }

/** A collector that stores what it receives and responds as configured. */
async function startCollector(answer: { status?: number; body?: string | Buffer; isSilent?: boolean } = {}) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    received.push({ path: request.url, headers: request.headers, body: await text(request) })
    if (!answer.isSilent)
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(answer.body ?? '{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const environment = (env: Readonly<Record<string, string>> = {}) =>
    readEnvironment(telemetryEnvironment({ metricsPort: 0 }), {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRIC_EXPORT_INTERVAL: '3600000',
      ...env,
    })
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { received, environment, answer, close }
}

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const line = (fields: Readonly<Record<string, unknown>> = {}) =>
  `${JSON.stringify({ severity: 'WARNING', time: '2026-11-29T12:00:00.123Z', pid: 7, message: 'careful', ...fields })}\n`

/** A plain object in the form of OTLP: `{ a: 1 }` for its attributes. */
const plain = (attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

describe('log lines by OTLP', () => {
  test('have their severity, their trace and their fields', async () => {
    const collector = await startCollector()
    const { exporter } = await startLogExport(
      SERVICE,
      collector.environment({ OTEL_EXPORTER_OTLP_HEADERS: 'a=all,b=all', OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'B=logs' }),
    )
    exporter.write(
      line({
        'logging.googleapis.com/trace': TRACE,
        'logging.googleapis.com/spanId': SPAN,
        'logging.googleapis.com/trace_sampled': true,
        httpRequest: { requestMethod: 'GET', status: 200 },
        ratio: 0.5,
        tags: ['a', 'b'],
        stack_trace: 'Error: x\n    at y',
      }),
    )
    await exporter.shutdown()
    collector.close()
    const [{ path, headers, body } = assert.fail('nothing was received')] = collector.received
    assert.deepEqual(
      [path, headers.a, headers.b, headers['content-type']],
      ['/v1/logs', 'all', 'logs', 'application/json'],
    )
    const { resource, scopeLogs } = JSON.parse(body).resourceLogs[0]
    assert.equal(plain(resource.attributes)['service.name'], 'shop')
    assert.match(String(plain(resource.attributes)['service.instance.id']), /^[0-9a-f-]{36}$/)
    const [{ attributes, ...record }] = scopeLogs[0].logRecords
    assert.deepEqual(record, {
      timeUnixNano: `${Date.parse('2026-11-29T12:00:00.123Z')}000000`,
      observedTimeUnixNano: `${Date.parse('2026-11-29T12:00:00.123Z')}000000`,
      severityNumber: 13,
      severityText: 'WARNING',
      body: { stringValue: 'careful' },
      flags: 1,
      traceId: TRACE,
      spanId: SPAN,
    })
    assert.deepEqual(plain(attributes), {
      pid: '7',
      'httpRequest.requestMethod': 'GET',
      'httpRequest.status': '200',
      ratio: 0.5,
      tags: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] },
      'exception.stacktrace': 'Error: x\n    at y',
    })
    assert.equal(exporter.counts.exported, 1)
  })

  interface Case {
    readonly what: string
    readonly answer: Parameters<typeof startCollector>[0]
    readonly env?: Readonly<Record<string, string>>
    readonly lines?: number
    readonly exported: number
    readonly dropped: Readonly<Record<string, number>>
  }
  const cases: readonly Case[] = [
    { what: 'are all counted', answer: {}, exported: 5, dropped: {} },
    {
      what: 'that the collector rejects',
      answer: { body: '{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"too old"}}' },
      exported: 3,
      dropped: { rejected: 2 },
    },
    { what: 'of a request that fails', answer: { status: 400 }, exported: 0, dropped: { export_failed: 5 } },
    {
      what: 'that find the queue full',
      answer: {},
      env: { OTEL_BLRP_MAX_QUEUE_SIZE: '3', OTEL_BLRP_SCHEDULE_DELAY: '3600000' },
      lines: 8,
      exported: 6,
      dropped: { queue_full: 2 },
    },
    {
      what: 'to which a collector does not respond',
      answer: { isSilent: true },
      env: { OTEL_EXPORTER_OTLP_TIMEOUT: '50' },
      exported: 0,
      dropped: { export_failed: 5 },
    },
  ]
  for (const { what, answer, env = {}, lines = 5, exported, dropped } of cases) {
    test(`${what}: ${exported} of ${lines} are exported, ${JSON.stringify(dropped)} dropped`, async () => {
      const collector = await startCollector(answer)
      const { exporter } = await startLogExport(SERVICE, collector.environment(env))
      for (let index = 0; index < lines; index++) exporter.write(line())
      await exporter.shutdown()
      exporter.write(line())
      collector.close()
      const none = { queue_full: 0, export_failed: 0, rejected: 0, shutdown: 1 }
      assert.deepEqual(exporter.counts.dropped, { ...none, ...dropped })
      assert.equal(exporter.counts.exported, exported)
    })
  }

  test('that are long are limited by their characters, in the queue and in a request', async () => {
    const collector = await startCollector()
    const { exporter } = await startLogExport(SERVICE, collector.environment({ OTEL_BLRP_SCHEDULE_DELAY: '3600000' }))
    for (let index = 0; index < 40; index++) exporter.write(line({ index, text: 'x'.repeat(500_000) }))
    await exporter.shutdown()
    collector.close()
    assert.ok(collector.received.every(({ body }) => body.length < 1_500_000))
    assert.ok(exporter.counts.dropped.queue_full >= 4, `${exporter.counts.dropped.queue_full} of 40 are dropped`)
    const { queue_full: full, shutdown: late } = exporter.counts.dropped
    assert.equal(exporter.counts.exported + full + late, 40)
  })

  test('are sent in batches, while others arrive', async () => {
    const collector = await startCollector()
    const { exporter } = await startLogExport(
      SERVICE,
      collector.environment({ OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '10', OTEL_BLRP_SCHEDULE_DELAY: '5' }),
    )
    for (let index = 0; index < 95; index++) {
      exporter.write(line({ index }))
      if (index % 20 === 0) await setTimeout(2)
    }
    await exporter.shutdown()
    collector.close()
    const records = collector.received.map(
      ({ body }) => JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords as { attributes: [] }[],
    )
    assert.ok(records.every(({ length }) => length <= 10))
    assert.deepEqual(
      records.flat().map(({ attributes }) => Number(plain(attributes).index)),
      Array.from({ length: 95 }, (_, index) => index),
    )
    assert.equal(exporter.counts.exported, 95)
  })
})

test('metrics by OTLP: sums, gauges, histograms and summaries with their starts and exemplars', async () => {
  const registry = createRegistry()
  const registers = [registry]
  new Counter({ name: 'orders_total', help: 'Orders', labelNames: ['kind'], registers }).inc({ kind: 'a' }, 3)
  new Gauge({ name: 'level', help: 'Level', registers }).set(-1.5)
  const histogram = new Histogram<'trace_id'>({
    name: 'seconds',
    help: 'S',
    buckets: [1, 2],
    enableExemplars: true,
    registers,
  })
  for (const value of [0.5, 1.5, 9]) histogram.observe({ value, exemplarLabels: { trace_id: TRACE } })
  new Summary({ name: 'sizes', help: 'Z', percentiles: [0.5], registers }).observe(4)
  const collector = await startCollector()
  const families = new FamilyCollector([registry])
  const { exporter } = await startMetricsExport(() => families.families(), SERVICE, collector.environment())
  await exporter.shutdown()
  collector.close()
  const [{ path, body } = assert.fail('nothing was received')] = collector.received
  assert.equal(path, '/v1/metrics')
  const { metrics, scope } = JSON.parse(body).resourceMetrics[0].scopeMetrics[0]
  assert.deepEqual(scope, SERVICE)
  const start = `${Math.round(performance.timeOrigin)}000000`
  const { timeUnixNano } = metrics[0].sum.dataPoints[0]
  assert.ok(Math.abs(Number(timeUnixNano) / 1e6 - Date.now()) < 60_000)
  const times = { startTimeUnixNano: start, timeUnixNano }
  const exemplarsOf = (values: readonly number[]) =>
    values.map((asDouble) => ({ asDouble, traceId: TRACE, filteredAttributes: [] }))
  const untimed = JSON.parse(JSON.stringify(metrics), (key, value) =>
    key === 'exemplars' ? value.map(({ timeUnixNano: _, ...exemplar }: { timeUnixNano: string }) => exemplar) : value,
  )
  assert.deepEqual(untimed, [
    {
      name: 'orders_total',
      description: 'Orders',
      sum: {
        dataPoints: [{ attributes: [{ key: 'kind', value: { stringValue: 'a' } }], ...times, asDouble: 3 }],
        aggregationTemporality: 2,
        isMonotonic: true,
      },
    },
    {
      name: 'level',
      description: 'Level',
      gauge: { dataPoints: [{ attributes: [], timeUnixNano, asDouble: -1.5 }] },
    },
    {
      name: 'seconds',
      description: 'S',
      histogram: {
        dataPoints: [
          {
            attributes: [],
            ...times,
            count: '3',
            sum: 11,
            bucketCounts: ['1', '1', '1'],
            explicitBounds: [1, 2],
            exemplars: exemplarsOf([0.5, 1.5, 9]),
          },
        ],
        aggregationTemporality: 2,
      },
    },
    {
      name: 'sizes',
      description: 'Z',
      summary: {
        dataPoints: [{ attributes: [], ...times, count: '1', sum: 4, quantileValues: [{ quantile: 0.5, value: 4 }] }],
      },
    },
  ])
  assert.equal(exporter.counts.exported, 4)
})

for (const [protocol, signal, body] of [
  ['http/json', 'metrics', '{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"too old"}}'],
  ['http/json', 'metrics', '{"partialSuccess":{"rejectedDataPoints":2,"errorMessage":"too old"}}'],
  ['http/protobuf', 'metrics', Buffer.from('\n\u000b\b\u0002\u0012\u0007too old')],
  ['http/protobuf', 'logs', Buffer.from('\n\u000b\b\u0002\u0012\u0007too old')],
] as const)
  test(`a partial success of ${signal} in ${protocol} counts rejected items, and reports why: ${body}`, async () => {
    const collector = await startCollector({ body })
    const environment = collector.environment({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol })
    const { exporter } = await startLogOrMetricsExport(signal, environment)
    await exporter.shutdown()
    collector.close()
    assert.equal(exporter.counts.exported, 3)
    assert.equal(exporter.counts.dropped.rejected, 2)
    assert.equal(exporter.lastError, 'too old')
  })

/** An exporter of five lines or points. */
async function startLogOrMetricsExport(signal: 'logs' | 'metrics', environment: TelemetryEnvironment) {
  if (signal === 'logs') {
    const started = await startLogExport(SERVICE, environment)
    for (let index = 0; index < 5; index++) started.exporter.write(line())
    return started
  }
  const registry = createRegistry()
  const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['x'], registers: [registry] })
  for (let x = 0; x < 5; x++) gauge.set({ x }, 1)
  return startMetricsExport(() => RegistryCollector.of(registry).families(), SERVICE, environment)
}

test('points of a failed request are counted, and the next request contains them', async () => {
  const registry = createRegistry()
  new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(3)
  const collector = await startCollector({ status: 400 })
  const families = new FamilyCollector([registry])
  const environment = collector.environment({ OTEL_METRIC_EXPORT_INTERVAL: '100' })
  const { exporter } = await startMetricsExport(() => families.families(), SERVICE, environment)
  while (exporter.counts.dropped.export_failed === 0) await setTimeout(5)
  assert.match(exporter.lastError ?? '', /400/)
  collector.answer.status = 200
  await exporter.shutdown()
  collector.close()
  assert.ok(exporter.counts.exported >= 1)
})

test('numbers that JSON lacks, and those beyond 2⁵³, reach the collector', async () => {
  const registry = createRegistry()
  const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['x'], registers: [registry] })
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e21, 5e-324]
  for (const [index, value] of values.entries()) gauge.set({ x: index }, value)
  new Histogram({ name: 'h', help: 'H', buckets: [1e-9, 1e21], registers: [registry] }).observe(2 ** 60)
  const collector = await startCollector()
  const families = new FamilyCollector([registry])
  const { exporter } = await startMetricsExport(() => families.families(), SERVICE, collector.environment())
  await exporter.shutdown()
  collector.close()
  const [{ gauge: sent }, { histogram }] = JSON.parse(collector.received[0]?.body ?? '').resourceMetrics[0]
    .scopeMetrics[0].metrics
  assert.deepEqual(
    sent.dataPoints.map(({ asDouble }: { asDouble: unknown }) => asDouble),
    ['NaN', 'Infinity', '-Infinity', 1e21, 5e-324],
  )
  assert.deepEqual(histogram.dataPoints[0].explicitBounds, [1e-9, 1e21])
  assert.equal(exporter.counts.exported, 6)
})

test('a collector that never responds delays the shutdown by a few seconds, and its points are counted', async () => {
  const registry = createRegistry()
  new Gauge({ name: 'g', help: 'G', registers: [registry] }).set(1)
  const collector = await startCollector({ isSilent: true })
  const families = new FamilyCollector([registry])
  const sender = await createOtlpSender('metrics', SERVICE, collector.environment())
  const exporter = new MetricsExporter(() => families.families(), sender, 3_600_000, 50)
  await exporter.shutdown()
  collector.close()
  assert.equal(exporter.counts.dropped.shutdown, 1)
})

test('many points are sent in several requests, a family in several parts', () => {
  const samples = Array.from({ length: 25 }, (_, index) => ({ name: 'g', labels: { index }, value: index }))
  const family = { name: 'g', help: 'G', type: 'gauge', aggregator: 'sum', samples } as const
  const requests = metricsRequests(
    [family, { ...family, name: 'empty', samples: [] }, family],
    { attributes: {}, scope: SERVICE },
    1,
    {
      maxPoints: 10,
    },
  )
  assert.deepEqual(
    requests.map(({ points }) => points),
    [10, 10, 10, 10, 10],
  )
})

test('histograms with exponential buckets, if so configured', async () => {
  const collector = await startCollector()
  const environment = collector.environment({
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
  })
  assert.ok(sendsExponentialHistograms(environment))
  const registry = createRegistry()
  RegistryCollector.of(registry).recordExponentially()
  const registers = [registry]
  const histogram = new Histogram({ name: 'h', help: 'H', labelNames: ['x'], buckets: [1], registers })
  new Histogram({ name: 'none', help: 'N', buckets: [1], registers })
  for (const value of [0, 1, 1, 2, -4]) histogram.observe({ x: 'a' }, value)
  histogram.zero({ x: 'b' })
  const families = new FamilyCollector([registry])
  const { exporter } = await startMetricsExport(() => families.families(), SERVICE, environment)
  await exporter.shutdown()
  collector.close()
  const [{ exponentialHistogram }, none] = JSON.parse(collector.received[0]?.body ?? '').resourceMetrics[0]
    .scopeMetrics[0].metrics
  assert.equal(exponentialHistogram.aggregationTemporality, 2)
  const [{ startTimeUnixNano, timeUnixNano, ...point }, empty] = exponentialHistogram.dataPoints
  assert.ok(Number(startTimeUnixNano) <= Number(timeUnixNano))
  assert.deepEqual(point, {
    attributes: [{ key: 'x', value: { stringValue: 'a' } }],
    count: '5',
    sum: 0,
    min: -4,
    max: 2,
    scale: 7,
    zeroCount: '1',
    positive: { offset: -1, bucketCounts: ['2', ...Array(127).fill('0'), '1'] },
    negative: { offset: 255, bucketCounts: ['1'] },
  })
  assert.deepEqual([empty.count, empty.positive.bucketCounts, 'min' in empty], ['0', [], false])
  assert.equal(none.histogram.dataPoints.length, 1)
})
