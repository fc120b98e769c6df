import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ServiceProcess } from '@node-to-cloud/telemetry/testing'

const module = fileURLToPath(new URL('main.ts', import.meta.url))
const start = (env: Record<string, string> = {}) => new ServiceProcess({ module, env })

/** The metric types of the original that only this service exposes. */
const TYPES = {
  custom_metric_example: 'counter',
  process_cpu_seconds: 'counter',
  process_max_fds: 'gauge',
  process_open_fds: 'gauge',
  process_resident_memory_bytes: 'gauge',
  process_start_time_seconds: 'gauge',
  process_virtual_memory_bytes: 'gauge',
  python_gc_collections: 'counter',
  python_gc_objects_collected: 'counter',
  python_gc_objects_uncollectable: 'counter',
  python_info: 'gauge',
}

test('serves every metric type of the original, in both formats', async () => {
  await using service = start({ RUNTIME_METRICS_ALIAS: 'python' })
  await service.untilReady()
  const openMetrics = await service.scrape('application/openmetrics-text; version=1.0.0')
  const text = await service.scrape('text/plain')
  for (const [name, type] of Object.entries(TYPES)) {
    assert.match(openMetrics, new RegExp(`^# TYPE ${name} ${type}$`, 'm'))
    assert.match(text, new RegExp(`^# TYPE ${name}${type === 'counter' ? '_total' : ''} ${type}$`, 'm'))
  }
  assert.ok(openMetrics.endsWith('# EOF\n'))
})

test('runs without credentials, and logs once that traces go nowhere', async () => {
  await using service = start()
  await service.untilReady()
  service.kill('SIGTERM')
  assert.deepEqual(await service.exit, { code: 0, signal: null })
  assert.equal(service.log.filter(({ message }) => message?.startsWith('Traces go nowhere')).length, 1)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`exits with 0 on ${signal}`, async () => {
    await using service = start()
    await service.untilReady()
    service.kill(signal)
    assert.deepEqual(await service.exit, { code: 0, signal: null })
  })
}

test('its signal handlers are installed before anything slow is loaded', async () => {
  const preload = join(mkdtempSync(join(tmpdir(), 'custom-metrics-example-')), 'preload.mjs')
  writeFileSync(
    preload,
    `import { registerHooks } from 'node:module'
     let isSent = false
     registerHooks({
       load(url, context, nextLoad) {
         if (!isSent && url.includes('/node_modules/')) {
           isSent = true
           process.kill(process.pid, 'SIGTERM')
         }
         return nextLoad(url, context)
       },
     })`,
  )
  await using service = new ServiceProcess({ module, nodeArgs: [`--import=${preload}`] })
  assert.deepEqual(await service.exit, { code: 0, signal: null })
})

test('names every bad variable, its value and what is allowed, and exits with 2', async () => {
  await using service = start({ METRICS_PORT: 'http', LOG_LEVEL: 'loud', ENVIRONMENT: 'fine' })
  assert.deepEqual(await service.exit, { code: 2, signal: null })
  assert.equal(
    service.stderr,
    `custom-metrics-example: the environment can't be used:
  METRICS_PORT="http" can't be used; it must be a port from 0 to 65535 (0: any free one)
  LOG_LEVEL="loud" can't be used; it must be one of trace, debug, info, warn, error, fatal, silent
`,
  )
})

test('says which port is in use, and exits with 1', async () => {
  await using first = start()
  const { port } = new URL(await first.metricsUrl())
  await using second = start({ METRICS_PORT: port })
  assert.deepEqual(await second.exit, { code: 1, signal: null })
  assert.match(
    second.stderr,
    new RegExp(`^custom-metrics-example: listen EADDRINUSE: .*:${port}: another process has this port; .*\n$`),
  )
})
