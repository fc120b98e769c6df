import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registry } from '../../src/protos/registry.ts'
import { startTestEmulator } from '../../test/testing/running-emulator.ts'
import { startEmulatorWithCredentials } from './emulator-with-credentials.ts'
import { expectTelemetry } from './expect-telemetry.ts'
import { installPeer } from './peer-client.ts'

test('clients for Python', async (context) => {
  const client = await installPeer(context, 'python', 'pip')
  if (!client) return

  for (const protocol of ['http', 'grpc'] as const) {
    for (const compression of [undefined, 'gzip']) {
      await context.test(`OpenTelemetry's SDK, ${protocol}, ${compression ?? 'not compressed'}`, async (context) => {
        const { url, grpcPort } = await startTestEmulator(context, { nowMs: Date.now })
        const endpoint = protocol === 'grpc' ? `http://127.0.0.1:${grpcPort}` : url
        const env = {
          OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
          ...(compression ? { OTEL_EXPORTER_OTLP_COMPRESSION: compression } : {}),
        }
        await expectTelemetry(url, await client.run(['send.py', protocol], env))
      })
    }
  }

  for (const transport of ['grpc', 'rest']) {
    await context.test(`google-cloud-logging, ${transport}`, async (context) => {
      const { env } = await startEmulatorWithCredentials(context)
      const answer: unknown = JSON.parse(await client.run(['google_logging.py', transport], env))
      assert.deepEqual(answer, {
        listed: [[{ message: 'python says', order: 17 }, 'ERROR', { from: 'python' }]],
        texts: ['a text'],
        handled: [['the handler says 17', 'WARNING']],
        left: 0,
      })
    })
  }

  await context.test('google-cloud-monitoring', async (context) => {
    const { env } = await startEmulatorWithCredentials(context)
    const { refused, ...answer } = JSON.parse(await client.run(['google_monitoring.py'], env))
    assert.match(refused, /Points must be written in order/)
    assert.deepEqual(answer, {
      descriptor: 'A level',
      listed: [[{ shop: 'north' }, 7.5]],
      aligned: [7.5],
      policies: ['Level'],
      condition: 'high',
    })
  })

  await context.test('dashboards and spans over gRPC, metrics by REST over TLS', async (context) => {
    const { env } = await startEmulatorWithCredentials(context)
    const { REQUESTS_CA_BUNDLE: caFile = '' } = env
    const answer: unknown = JSON.parse(
      await client.run(['google_monitoring_rest.py'], { ...env, HTTPLIB2_CA_CERTS: caFile }),
    )
    assert.deepEqual(answer, {
      dashboards: ['Changed'],
      spans: ['python span'],
      listed: { timeSeries: [{ points: [{ value: { int64Value: '7' } }] }] },
      absent: "Could not find descriptor for metric 'custom.googleapis.com/none'.",
    })
  })

  await context.test('google-cloud-monitoring, every method of alerting', async (context) => {
    const { env } = await startEmulatorWithCredentials(context)
    const { called, absent } = JSON.parse(await client.run(['google_alerting.py'], env))
    assert.deepEqual(called, alertingMethods())
    assert.match(absent, /MQL .* is not implemented by this emulator: read with ListTimeSeries/)
  })
})

/** All methods in the definitions, such as `GroupService/CreateGroup`. */
function alertingMethods(): string[] {
  const services = ['AlertPolicy', 'Group', 'NotificationChannel', 'ServiceMonitoring', 'Snooze', 'UptimeCheck']
  return services
    .flatMap((service) =>
      registry
        .lookupService(`google.monitoring.v3.${service}Service`)
        .methodsArray.map(({ name }) => `${service}Service/${name}`),
    )
    .sort()
}
