import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePorts } from '@node-to-cloud/bench'
import { installPeer as buildPeer } from '@node-to-cloud/peers'
import { startTestEmulator } from '../../test/testing/running-emulator.ts'
import { expectTelemetry } from './expect-telemetry.ts'
import { installPeer } from './peer-client.ts'

test('an OpenTelemetry Collector between a service and the emulator', async (context) => {
  const client = await installPeer(context, 'opentelemetry-node', 'npm')
  if (!client) return
  let program: string
  try {
    program = buildPeer('opentelemetry-collector')
  } catch (error) {
    context.skip(error instanceof Error ? error.message : String(error))
    return
  }

  const exporters: readonly (readonly [name: string, exporter: string, port: 'otlpGrpcPort' | 'otlpHttpPort'])[] = [
    ['grpc', 'otlp', 'otlpGrpcPort'],
    ['http', 'otlphttp', 'otlpHttpPort'],
  ]
  for (const [name, exporter, port] of exporters) {
    for (const received of ['http/protobuf', 'grpc'] as const) {
      await context.test(`receives ${received}, sends ${name}`, async (context) => {
        const address = { host: '127.0.0.1', port: 0 }
        const emulator = await startTestEmulator(context, {
          nowMs: Date.now,
          otlpGrpcAddress: address,
          otlpHttpAddress: address,
        })
        const endpoints = await startCollector(
          context,
          program,
          `${exporter}: { endpoint: "http://127.0.0.1:${emulator[port]}", tls: { insecure: true } }`,
        )
        const traceId = await client.run(['send.mjs'], {
          OTEL_EXPORTER_OTLP_PROTOCOL: received,
          OTEL_EXPORTER_OTLP_ENDPOINT: endpoints[received],
        })
        // The Collector sends its buffered data when it shuts down.
        await endpoints.stop()
        await expectTelemetry(emulator.url, traceId)
      })
    }
  }
})

async function startCollector(context: TestContext, program: string, exporter: string) {
  const folder = await mkdtemp(join(tmpdir(), 'collector-'))
  context.after(() => rm(folder, { recursive: true }))
  const [grpc, http] = await freePorts(2)
  const name = exporter.split(':', 1)[0]
  const pipeline = { receivers: ['otlp'], processors: ['batch'], exporters: [name] }
  const config = [
    'receivers:',
    '  otlp:',
    `    protocols: { grpc: { endpoint: 127.0.0.1:${grpc} }, http: { endpoint: 127.0.0.1:${http} } }`,
    'processors:',
    '  batch: {}',
    'exporters:',
    `  ${exporter}`,
    'service:',
    '  telemetry: { metrics: { level: none } }',
    `  pipelines: ${JSON.stringify({ traces: pipeline, metrics: pipeline, logs: pipeline })}`,
  ]
  const file = join(folder, 'collector.yaml')
  await writeFile(file, `${config.join('\n')}\n`)
  const child = spawn(program, [`--config=${file}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  const ended = once(child, 'close')
  context.after(() => child.kill('SIGKILL'))
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.includes('Everything is ready')) resolve()
    })
    ended.then(() => reject(new Error(`the Collector has exited:\n${output}`)))
  })
  return {
    grpc: `http://127.0.0.1:${grpc}`,
    'http/protobuf': `http://127.0.0.1:${http}`,
    stop: async () => {
      child.kill('SIGTERM')
      const [code] = await ended
      assert.equal(code, 0, output)
    },
  }
}
