import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { Agent, request } from 'node:http'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'

const module = fileURLToPath(new URL('main.ts', import.meta.url))
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0'
const HELLO = 'flask_app_hello_requests_total{app="flask-app",environment="staging"}'
const start = (env: Record<string, string> = {}) => new ServiceProcess({ module, env: { WORKERS: '2', ...env } })

async function untilAllWorkersAreReady(service: ServiceProcess): Promise<void> {
  await service.untilReady()
  await service.until(
    'both workers are ready',
    async () => readSeries(await service.scrape(), 'telemetry_workers') === 2,
  )
}

function send(
  url: string,
  options: { method?: string; path?: string; headers?: Record<string, string>; agent?: Agent } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', path = '/', headers = {}, agent } = options
    request(new URL(path, url), { method, headers, agent: agent ?? false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0))
    })
      .once('error', reject)
      .end()
  })
}

test('a worker that hangs does not stall a scrape: its last report is used, and a metric tells', async () => {
  await using service = start()
  await untilAllWorkersAreReady(service)
  const url = await service.serviceUrl()
  for (let index = 0; index < 10; index++) await send(url)
  assert.equal(readSeries(await service.scrape(), HELLO), 10)
  const pid = Number((await service.untilLog(/^Received hello request !$/)).pid)
  process.kill(pid, 'SIGSTOP')
  try {
    const text = await service.scrape()
    assert.equal(readSeries(text, HELLO), 10)
    assert.equal(readSeries(text, 'telemetry_stale_workers'), 1)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await service.until(
    'the worker answers again',
    async () => readSeries(await service.scrape(), 'telemetry_stale_workers') === 0,
  )
  assert.equal(readSeries(await service.scrape(), HELLO), 10)
})

test('exemplars of sampled requests survive the merge; a trace that is not sampled leaves none', async () => {
  await using service = start({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  await untilAllWorkersAreReady(service)
  const url = await service.serviceUrl()
  const [sampled, other] = ['a'.repeat(32), 'b'.repeat(32)]
  await send(url, { headers: { traceparent: `00-${other}-${'1'.repeat(16)}-00` } })
  const before = await service.scrape(OPENMETRICS)
  assert.doesNotMatch(before, /# \{trace_id=/)
  await send(url, { headers: { traceparent: `00-${sampled}-${'1'.repeat(16)}-01` } })
  const openMetrics = await service.scrape(OPENMETRICS)
  assert.match(
    openMetrics,
    new RegExp(
      `^flask_http_request_duration_seconds_bucket\\{.*\\} \\d+ # \\{trace_id="${sampled}"\\} [\\d.e-]+ [\\d.]+$`,
      'm',
    ),
  )
  assert.doesNotMatch(await service.scrape('text/plain'), /# \{/, 'the text format knows no exemplars')
})

test('10,000 different URLs and methods add no more than a constant number of series, in both formats', async () => {
  await using service = start({ LOG_LEVEL: 'info' })
  await untilAllWorkersAreReady(service)
  const url = await service.serviceUrl()
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'SEARCH', 'LOCK', 'MKCOL']
  const client = async (first: number) => {
    for (let index = first; index < 10_000; index += 20) {
      await send(url, { agent, method: methods[index % methods.length] ?? 'GET', path: `/x${index}?y=${index}` })
    }
  }
  await Promise.all(Array.from({ length: 20 }, (_, first) => client(first)))
  for (const format of ['text/plain', OPENMETRICS]) {
    const series = (await service.scrape(format)).split('\n').filter((line) => line.startsWith('flask_'))
    assert.ok(series.length < 400, `${series.length} series`)
    assert.ok(series.every((line) => !line.includes('/x')))
    const total = series
      .filter((line) => line.startsWith('flask_http_request_total'))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    assert.equal(total, 10_000, 'and each is counted')
  }
})

test('CPU, memory and descriptors are those of all processes; the start time is the one of the primary', async () => {
  await using service = start()
  await untilAllWorkersAreReady(service)
  const text = await service.scrape()
  assert.equal(
    readSeries(text, 'process_max_fds'),
    3 * Number(spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout),
  )
  const startedAt = readSeries(text, 'process_start_time_seconds') ?? 0
  assert.ok(Math.abs(startedAt - Date.now() / 1000) < 120)
  assert.ok((readSeries(text, 'process_resident_memory_bytes') ?? 0) > 100e6)
})

test('promtool accepts the text form', async (context) => {
  await using service = start({ RUNTIME_METRICS_ALIAS: 'python' })
  await untilAllWorkersAreReady(service)
  await send(await service.serviceUrl())
  const { error, status, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: await service.scrape(),
    encoding: 'utf8',
  })
  if (error !== undefined) return context.skip('promtool is not installed')
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
})

test('what a worker counts up to a clean exit is not lost', async () => {
  await using service = start({ WORKERS: '1', RELOAD_ON_SIGHUP: 'true' })
  await service.untilReady()
  const url = await service.serviceUrl()
  for (let index = 0; index < 50; index++) await send(url)
  service.kill('SIGHUP')
  await service.untilLog(/^Rolling restart: done/)
  assert.equal(readSeries(await service.scrape(), HELLO), 50)
})
