import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEmulatorWithCredentials } from './emulator-with-credentials.ts'
import { installPeer } from './peer-client.ts'
import { testOtlpProtocols } from './test-otlp-protocols.ts'

test('clients for Go', async (context) => {
  const client = await installPeer(context, 'go', 'go')
  if (!client) return

  await testOtlpProtocols(context, {
    send: (env) => client.run(['send'], env),
    protocols: ['http/protobuf', 'grpc'],
    defaultProtocol: 'http/protobuf',
  })

  await context.test('cloud.google.com/go/logging writes, tails, lists and deletes', async (context) => {
    const { env } = await startEmulatorWithCredentials(context)
    const answer: unknown = JSON.parse(await client.run(['logging'], env))
    assert.deepEqual(answer, {
      tailed: 'a buffered text',
      listed: [[{ message: 'go says', order: 17 }, 'Error', { from: 'go' }]],
      logs: ['go-log'],
      left: 0,
    })
  })
})
