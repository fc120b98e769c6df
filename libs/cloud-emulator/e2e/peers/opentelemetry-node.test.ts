import { test } from 'node:test'
import { installPeer } from './peer-client.ts'
import { testOtlpProtocols } from './test-otlp-protocols.ts'

test("OpenTelemetry's SDK for Node", async (context) => {
  const client = await installPeer(context, 'opentelemetry-node', 'npm')
  if (!client) return
  await testOtlpProtocols(context, {
    send: (env) => client.run(['send.mjs'], env),
    protocols: ['http/protobuf', 'http/json', 'grpc'],
    defaultProtocol: 'http/protobuf',
  })
})
