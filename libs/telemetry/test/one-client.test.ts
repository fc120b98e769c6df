import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const program = `
  import { createRequire } from 'node:module'
  import Fastify from 'fastify'
  import { Counter, startTelemetry, readEnvironment, telemetryEnvironment } from '@node-to-cloud/telemetry'
  import { fastifyTelemetry } from '@node-to-cloud/telemetry/fastify'
  const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
  const telemetry = await startTelemetry({ service: { name: 'test', version: '1.0.0' }, environment })
  const app = Fastify()
  await app.register(fastifyTelemetry, { telemetry })
  const { cache } = createRequire(import.meta.url)
  const clients = Object.keys(cache).filter((file) => /prom-client|@prometheus-io.client/.test(file) && /client\\/index.js$/.test(file))
  console.error(JSON.stringify({ clients: clients.length, isOurs: app.metrics.client.Counter === Counter }))
  process.exit(0)`

test('one copy of the Prometheus client is loaded, and fastify-metrics uses the same', () => {
  const args = ['--conditions=@node-to-cloud/source', '--input-type=module', '--eval', program]
  const cwd = new URL('..', import.meta.url)
  const { stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', timeout: 60_000 })
  assert.deepEqual(JSON.parse(stderr), { clients: 1, isOurs: true })
})
