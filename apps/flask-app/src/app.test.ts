import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import { readEnvironment, startTelemetry, telemetryEnvironment } from '@node-to-cloud/telemetry'
import { createShutdown } from '@node-to-cloud/telemetry/shutdown'
import { buildApp } from './app.ts'

test('a request that arrives while the service is closing is answered like any other', async () => {
  const shutdown = createShutdown({ signals: [], exit() {} })
  const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }), {
    LOG_LEVEL: 'silent',
    OTEL_TRACES_EXPORTER: 'none',
  })
  const telemetry = await startTelemetry({ service: { name: 'test', version: '1.0.0' }, environment, shutdown })
  const app = await buildApp({ telemetry, chaos: () => undefined, environment: 'test' })
  const client = new Socket().setEncoding('utf8')
  let answer = ''
  app.addHook('preClose', async () => {
    client.write('Host: localhost\r\n\r\n')
    const [first] = await once(client, 'data')
    answer = String(first)
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const accepted = once(app.server, 'connection')
  client.connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  await accepted
  client.write('GET / HTTP/1.1\r\n')
  await app.close()
  client.destroy()
  await shutdown.begin('test')
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
  assert.match(answer, /Hello World!$/)
})
