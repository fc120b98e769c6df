import { test } from 'node:test'
import { startTestEmulator } from '../test/testing/running-emulator.ts'
import { expectTelemetry } from './expect-telemetry.ts'
import { installPeer } from './peer-client.ts'

test("OpenTelemetry's SDK for Node", async (context) => {
  const client = await installPeer(context, 'opentelemetry-node', 'npm')
  if (!client) return
  const protocols: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'the endpoint alone': {},
    'http/protobuf': { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
    'http/json': { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    'http/json, gzip': { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
    grpc: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    'grpc, gzip': { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
  }
  for (const [name, env] of Object.entries(protocols)) {
    await context.test(name, async (context) => {
      const { url, grpcPort } = await startTestEmulator(context, { nowMs: Date.now })
      const endpoint = name.startsWith('grpc') ? `http://127.0.0.1:${grpcPort}` : url
      const traceId = await client.run(['send.mjs'], { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env })
      await expectTelemetry(url, traceId)
    })
  }
})
