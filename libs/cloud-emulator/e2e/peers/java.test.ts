import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEmulatorWithCredentials } from './emulator-with-credentials.ts'
import { javaTrust } from './java-trust.ts'
import { installPeer } from './peer-client.ts'
import { testOtlpProtocols } from './test-otlp-protocols.ts'

test('clients for Java', async (context) => {
  const client = await installPeer(context, 'java', 'maven')
  if (!client) return

  await testOtlpProtocols(context, {
    send: (env) => client.run(['Send.java'], env),
    protocols: ['http/protobuf', 'grpc'],
    defaultProtocol: 'grpc',
  })

  await context.test('google-cloud-logging writes, tails, lists and deletes', async (context) => {
    const { env } = await startEmulatorWithCredentials(context)
    const trust = await javaTrust(context, env.SSL_CERT_FILE ?? '')
    const lines = await client.run([...trust, 'GoogleLogging.java'], env)
    assert.deepEqual(lines.split('\n'), [
      'tailed: said during the tail',
      'listed: [java says ERROR {from=java}]',
      'deleted: true',
      'left: false',
    ])
  })
})
