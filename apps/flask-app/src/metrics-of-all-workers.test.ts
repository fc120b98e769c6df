import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
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

test('a worker that hangs does not stall a scrape: its last report is used, and a metric shows it', async () => {
  await using service = start()
  await untilAllWorkersAreReady(service)
  const url = await service.serviceUrl()
  for (let index = 0; index < 10; index++) await send(url)
  assert.equal(readSeries(await service.scrape(), HELLO), 10)
  const pid = Number((await service.untilLog(/^Received hello request !$/)).pid)
  process.kill(pid, 'SIGSTOP')
  try {
    for (const format of ['text/plain', OPENMETRICS]) {
      const text = await service.scrape(format)
      assert.equal(readSeries(text, HELLO), 10)
      assert.equal(readSeries(text, 'telemetry_stale_workers'), 1)
    }
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await service.until(
    'the worker responds again',
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
      `^flask_http_request_duration_seconds_bucket\\{.*\\} \\d+ # \\{trace_id="${sampled}",span_id="[0-9a-f]{16}"\\} [\\d.e-]+ [\\d.]+$`,
      'm',
    ),
  )
  assert.doesNotMatch(await service.scrape('text/plain'), /# \{/, 'the text format has no exemplars')
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

/** What the kernel reports about a process. */
function readProcess(pid: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [userTicks = 0, systemTicks = 0] = fields.slice(11)
  return {
    cpuSeconds: (userTicks + systemTicks) / TICKS_PER_SECOND,
    startSeconds: (fields[19] ?? 0) / TICKS_PER_SECOND,
    residentBytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  }
}

const TICKS_PER_SECOND = 100

test('CPU, memory and descriptors are those of all processes; the start time is that of the primary', async () => {
  await using service = start({ RELOAD_ON_SIGHUP: 'true' })
  await untilAllWorkersAreReady(service)
  // All workers are now seconds younger than the primary, and the usage of the first ones is still included.
  const first = service.children.map(readProcess)
  await sleep(1_500)
  service.kill('SIGHUP')
  await service.untilLog(/^Rolling restart: done/)
  const url = await service.serviceUrl()
  for (let index = 0; index < 500; index++) await send(url)
  const pids = [service.pid, ...service.children]
  assert.equal(pids.length, 3)
  const [before, text, after] = [pids.map(readProcess), await service.scrape(), pids.map(readProcess)]
  const sum = (processes: readonly ReturnType<typeof readProcess>[], name: keyof ReturnType<typeof readProcess>) =>
    processes.reduce((total, one) => total + one[name], 0)
  const read = (series: string) => readSeries(text, series) ?? assert.fail(series)

  const usedByFirst = sum(first, 'cpuSeconds')
  const cpu = read('process_cpu_seconds_total')
  // A worker reports before it exits, so that its last milliseconds are missing.
  assert.ok(cpu >= usedByFirst + sum(before, 'cpuSeconds') - 0.3, `${cpu} s of CPU`)
  assert.ok(cpu <= usedByFirst + sum(after, 'cpuSeconds') + 2, `${cpu} s of CPU`)
  const resident = read('process_resident_memory_bytes') / sum(before, 'residentBytes')
  assert.ok(resident > 0.9 && resident < 1.1, `${resident} of the resident memory`)
  const descriptors = read('process_open_fds') - sum(before, 'descriptors')
  assert.ok(Math.abs(descriptors) <= 6, `${descriptors} more descriptors than there are`)
  assert.equal(read('process_max_fds'), 3 * Number(spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout))
  const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1])
  const age = read('process_start_time_seconds') - bootSeconds - readProcess(service.pid).startSeconds
  assert.ok(Math.abs(age) < 1.2, `${age} s after the start of the primary`)
})

test('buckets, sum and count of a label set are next to one another, in both formats', async () => {
  await using service = start()
  await untilAllWorkersAreReady(service)
  const url = await service.serviceUrl()
  for (const method of ['GET', 'POST', 'PUT']) for (let index = 0; index < 4; index++) await send(url, { method })
  for (const format of ['text/plain', OPENMETRICS]) {
    const labelSets = (await service.scrape(format))
      .split('\n')
      .filter((line) => line.startsWith('flask_http_request_duration_seconds_'))
      .map((line) => /\{(.*?)(,le="[^"]*")?\}/.exec(line)?.[1] ?? '')
    const runs = labelSets.filter((labels, index) => labels !== labelSets[index - 1])
    assert.equal(runs.length, 3)
    assert.equal(new Set(runs).size, 3)
    assert.equal(labelSets.length, 3 * (format === OPENMETRICS ? 18 : 17))
  }
})

test('kill -9 costs no more than the last 250 ms of counts, even if nobody scrapes', async () => {
  await using service = start({ WORKERS: '1' })
  await service.untilReady()
  const url = await service.serviceUrl()
  for (let index = 0; index < 50; index++) await send(url)
  await sleep(400)
  process.kill(service.children[0] ?? assert.fail(), 'SIGKILL')
  await service.untilLog(/^A worker died by signal SIGKILL/)
  for (const format of ['text/plain', OPENMETRICS]) {
    const text = await service.scrape(format)
    assert.equal(readSeries(text, HELLO), 50)
    assert.equal(readSeries(text, 'flask_http_request_duration_seconds_count{method="GET",path="/",status="200"}'), 50)
  }
})

test('requests before the first scrape count from the start of the service, even after their worker was killed', async () => {
  const beginning = Date.now() / 1000
  await using service = start({ WORKERS: '1' })
  await service.untilReady()
  const url = await service.serviceUrl()
  for (let index = 0; index < 20; index++) await send(url)
  const series = [HELLO, 'flask_http_request_duration_seconds_count{method="GET",path="/",status="200"}']
  const read = async () => {
    const text = await service.scrape(OPENMETRICS)
    return series.map((name) => [
      readSeries(text, name) ?? assert.fail(name),
      readSeries(text, name.replace(/_(total|count)\{/, '_created{')) ?? assert.fail(`the start time of ${name}`),
    ])
  }
  const first = await read()
  for (const [total, created = 0] of first) {
    assert.equal(total, 20)
    assert.ok(created >= beginning - 1 && created <= Date.now() / 1000, `${created}, ${beginning}`)
  }
  process.kill(service.children[0] ?? assert.fail(), 'SIGKILL')
  await service.untilLog(/^A worker died by signal SIGKILL/)
  await service.until(
    'a new worker is ready',
    async () => readSeries(await service.scrape(), 'telemetry_workers') === 1,
  )
  await send(url)
  assert.deepEqual(
    await read(),
    first.map(([, created]) => [21, created]),
  )
})

test('promtool accepts the text format', async (context) => {
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

test('nothing that a worker counts before a clean exit is lost, including what it counts while draining', async () => {
  await using service = start({ WORKERS: '1', RELOAD_ON_SIGHUP: 'true' })
  await service.untilReady()
  const url = await service.serviceUrl()
  const agent = new Agent({ keepAlive: true })
  for (let index = 0; index < 50; index++) await send(url, { agent })
  service.kill('SIGHUP')
  await service.untilLog(/^Shutting down\.$/)
  // On its kept-alive connection, which is the worker's last.
  await send(url, { agent })
  await service.untilLog(/^Rolling restart: done/)
  for (const format of ['text/plain', OPENMETRICS]) assert.equal(readSeries(await service.scrape(format), HELLO), 51)
})
