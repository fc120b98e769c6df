import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { OTLPTraceExporter as OtlpJsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as OtlpProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import { requestJson, startTestEmulator } from '../../test/testing/running-emulator.ts'
import { openTlsDirectory } from '../tls/tls-directory.ts'

const execFileAsync = promisify(execFile)

/** Exports a span with an attribute, an event and an error. Returns the span. */
async function exportSpan(
  exporter: SpanExporter,
): Promise<ReadableSpan['spanContext'] extends () => infer T ? T : never> {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'flask-app' }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  const span = provider
    .getTracer('test')
    .startSpan('GET /', { kind: 1, attributes: { 'http.request.method': 'GET', answer: 42 } })
  span.addEvent('cache miss', { key: 'a' })
  span.setStatus({ code: 2, message: 'broken' })
  span.end()
  await provider.forceFlush()
  await provider.shutdown()
  return span.spanContext()
}

describe("OpenTelemetry's own exporters", () => {
  const exporters: [string, (url: string) => SpanExporter][] = [
    ['OTLP with protobuf', (url) => new OtlpProtobufExporter({ url })],
    ['OTLP with JSON', (url) => new OtlpJsonExporter({ url })],
  ]
  for (const [what, exporter] of exporters) {
    test(what, async (context) => {
      const { url } = await startTestEmulator(context, { nowMs: Date.now })
      const { traceId, spanId } = await exportSpan(exporter(`${url}/v1/traces`))
      const { status, json } = await requestJson(`${url}/api/traces/${traceId}`)
      assert.equal(status, 200)
      const [span] = json.spans
      assert.equal(span.spanId, spanId)
      assert.deepEqual(
        [span.name, span.service, span.kind, span.status],
        ['GET /', 'flask-app', 'SERVER', { code: 2, message: 'broken' }],
      )
      assert.deepEqual(span.attributes, { 'otel.scope.name': 'test', 'http.request.method': 'GET', answer: 42 })
      assert.deepEqual(
        span.events.map(({ name, attributes }: { name: string; attributes: object }) => [name, attributes]),
        [['cache miss', { key: 'a' }]],
      )
    })
  }
})

test("Google's Cloud Trace exporter accepts our certificate authority and credentials, configured only by the environment", async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'tls-'))
  context.after(() => rm(directory, { recursive: true }))
  const projectId = 'demo-project'
  const { server } = await openTlsDirectory(directory, { projectId, tokenUrl: '' })
  const { url, grpcTlsPort } = await startTestEmulator(context, { nowMs: Date.now, tls: server })
  const tls = await openTlsDirectory(directory, { projectId, tokenUrl: `${url}/token` })
  // grpc-js reads its roots once, on import, so it needs a process that has them in its environment.
  const program = `
    import { TraceExporter } from '@google-cloud/opentelemetry-cloud-trace-exporter'
    import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
    import { resourceFromAttributes } from '@opentelemetry/resources'
    const exporter = new TraceExporter({ apiEndpoint: '127.0.0.1:${grpcTlsPort}', resourceFilter: /^service\\./ })
    const provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'flask-app' }),
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    })
    provider.getTracer('test').startSpan('GET /', { kind: 1, attributes: { 'http.method': 'GET' } }).end()
    await provider.forceFlush()
    await provider.shutdown()
  `
  await execFileAsync(process.execPath, ['--input-type=module', '--no-warnings', '--eval', program], {
    cwd: import.meta.dirname,
    timeout: 60_000,
    env: {
      PATH: process.env.PATH,
      GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: tls.caFile,
      GOOGLE_APPLICATION_CREDENTIALS: tls.credentialsFile,
    },
  })
  const { json } = await requestJson(`${url}/api/traces`)
  assert.deepEqual(
    json.traces.map(({ rootName, rootService }: { rootName: string; rootService: string }) => [rootName, rootService]),
    [['GET /', 'flask-app']],
  )
})
