import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEmulatorWithCredentials } from './emulator-with-credentials.ts'
import { javaTrust } from './java-trust.ts'
import { installPeer } from './peer-client.ts'

test("Google's clients for Go: metrics, descriptors, dashboards and spans over gRPC, descriptors by REST", async (context) => {
  const client = await installPeer(context, 'google-monitoring-go', 'go')
  if (!client) return
  const { env } = await startEmulatorWithCredentials(context)
  assert.deepEqual(JSON.parse(await client.run(['monitoring'], env)), {
    descriptor: 'A level',
    refused: true,
    read: [7.5],
    dashboard: 'From Go',
    spans: ['go span'],
    byRest: ['custom.googleapis.com/go_level'],
  })
})

test("Google's clients for Java: metrics, descriptors, dashboards and spans over gRPC, descriptors by REST", async (context) => {
  const client = await installPeer(context, 'google-monitoring-java', 'maven')
  if (!client) return
  const { env } = await startEmulatorWithCredentials(context)
  const trust = await javaTrust(context, env.SSL_CERT_FILE ?? '')
  const lines = await client.run([...trust, 'GoogleMonitoring.java'], env)
  assert.deepEqual(lines.split('\n'), [
    'descriptor: A level',
    'refused: true',
    'read: {shop=north} 7.5',
    'dashboard: From Java',
    'span: java span',
    'by REST: [custom.googleapis.com/java_level]',
  ])
})
