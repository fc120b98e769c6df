import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { readEnvironment } from '@node-to-cloud/command-line'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { tracingEnvironment } from '../../process/telemetry-environment.ts'
import { resolveTraceDestination } from '../destination.ts'
import { createSpanQueue } from './create-span-queue.ts'

/**
 * Exports `spans` by OTLP to a collector that responds with `response`; returns the queue, and the headers of the
 * request.
 */
async function exportTo(response: Buffer, spans: number, env: Readonly<Record<string, string>> = {}) {
  let headers: IncomingHttpHeaders = {}
  const collector = createServer((request, answer) => {
    headers = request.headers
    request
      .resume()
      .once('end', () => answer.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(response))
  })
  await once(collector.listen(0, '127.0.0.1'), 'listening')
  const environment = readEnvironment(tracingEnvironment, {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    ...env,
  })
  const queue = await createSpanQueue(resolveTraceDestination(environment), environment, {
    maxQueueSize: 100,
    maxExportBatchSize: 100,
    scheduledDelayMs: 60_000,
    exportTimeoutMs: 10_000,
  })
  const tracer = new BasicTracerProvider({ spanProcessors: [queue] }).getTracer('test')
  for (let span = 0; span < spans; span++) tracer.startSpan('test').end()
  await queue.shutdown()
  collector.closeAllConnections()
  collector.close()
  return { queue, headers }
}

/** An ExportTraceServiceResponse; field 1 is its partial success, of which field 1 is rejected_spans and 2 the message. */
const partialSuccess = (rejected: number, message: string) =>
  Buffer.from([10, 4 + message.length, 8, rejected, 18, message.length, ...Buffer.from(message)])

for (const { what, response, exported, rejected, reason } of [
  { what: 'no partial success', response: Buffer.alloc(0), exported: 5, rejected: 0, reason: undefined },
  {
    what: '2 rejected spans',
    response: partialSuccess(2, 'no project'),
    exported: 3,
    rejected: 2,
    reason: 'no project',
  },
  {
    what: 'more rejected spans than were sent',
    response: partialSuccess(9, 'no'),
    exported: 0,
    rejected: 5,
    reason: 'no',
  },
  { what: 'only a warning', response: partialSuccess(0, 'beware'), exported: 5, rejected: 0, reason: undefined },
]) {
  test(`a response 200 with ${what}: ${exported} of 5 spans are exported`, async () => {
    const { queue } = await exportTo(response, 5)
    assert.equal(queue.counts.exported, exported)
    assert.equal(queue.counts.dropped.rejected, rejected)
    assert.equal(queue.lastError, reason)
  })
}

test('headers for traces override those for all signals, name by name', async () => {
  const { headers } = await exportTo(Buffer.alloc(0), 1, {
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=generic,X-Key=generic,x-other=generic',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-key=specific,x-tenant=specific',
  })
  assert.equal(headers['x-tenant'], 'specific')
  assert.equal(headers['x-key'], 'specific')
  assert.equal(headers['x-other'], 'generic')
})
