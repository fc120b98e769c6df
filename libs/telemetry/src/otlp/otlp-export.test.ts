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
import { telemetryEnvironment } from '../process/telemetry-environment.ts'
import { startLogExport, startMetricsExport } from './start-export.ts'

interface Received {
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const SERVICE = { name: 'shop', version: '1.2.3' }

/** A collector that keeps what it gets and answers as it is told. */
async function startCollector(answer: { status?: number; body?: string; isSilent?: boolean } = {}) {
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

/** What is plain in the form of OTLP: `{ a: 1 }` for its attributes. */
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
    const [{ path, headers, body } = assert.fail('nothing came')] = collector.received
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
      what: 'that a collector does not answer for',
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

  test('go in batches, while others come', async () => {
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
  const [{ path, body } = assert.fail('nothing came')] = collector.received
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

test('points of a request that fails are counted, and the next request has them', async () => {
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
