import type { TestContext } from 'node:test'
import { startTestEmulator } from '../../test/testing/running-emulator.ts'
import { expectTelemetry } from './expect-telemetry.ts'

type Environment = Readonly<Record<string, string>>

/**
 * A case for each protocol of an SDK, with and without compression, and one with only `OTEL_EXPORTER_OTLP_ENDPOINT`.
 * The endpoints are OTLP's default ones, on free ports.
 *
 * @param options.send - runs a program that sends what {@link expectTelemetry} looks for, and prints its trace's ID
 * @param options.defaultProtocol - the SDK's default
 */
export async function testOtlpProtocols(
  context: TestContext,
  options: {
    readonly send: (env: Environment) => Promise<string>
    readonly protocols: readonly string[]
    readonly defaultProtocol: string
  },
): Promise<void> {
  const { send, protocols, defaultProtocol } = options
  const gzip = { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }
  // On a busy machine nothing is sent twice, which would be rejected.
  const patience = { OTEL_METRIC_EXPORT_INTERVAL: '600000', OTEL_EXPORTER_OTLP_TIMEOUT: '60000' }
  const cases: readonly (readonly [name: string, protocol: string, env: Environment])[] = [
    ['the endpoint alone', defaultProtocol, {}],
    ...protocols.flatMap((protocol) => {
      const env = { OTEL_EXPORTER_OTLP_PROTOCOL: protocol }
      return [[protocol, protocol, env] as const, [`${protocol}, gzip`, protocol, { ...env, ...gzip }] as const]
    }),
  ]
  for (const [name, protocol, env] of cases) {
    await context.test(`OpenTelemetry's SDK: ${name}`, async (context) => {
      const address = { host: '127.0.0.1', port: 0 }
      const emulator = await startTestEmulator(context, {
        nowMs: Date.now,
        otlpGrpcAddress: address,
        otlpHttpAddress: address,
      })
      const port = protocol === 'grpc' ? emulator.otlpGrpcPort : emulator.otlpHttpPort
      const traceId = await send({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, ...patience, ...env })
      await expectTelemetry(emulator.url, traceId)
    })
  }
}
