import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { Agent, request } from 'node:http'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'

const module = fileURLToPath(new URL('main.ts', import.meta.url))
const start = (env: Record<string, string> = {}) => new ServiceProcess({ module, env })

const agent = new Agent({ keepAlive: true })

const HELLO = 'flask_app_hello_requests_total{app="flask-app",environment="staging"}'

test('answers Hello World!, and serves nothing else on its port', async () => {
  await using service = start()
  await service.untilReady()
  const url = await service.serviceUrl()
  const response = await fetch(url)
  assert.equal(response.status, 200)
  assert.equal(await response.text(), 'Hello World!')
  for (const path of ['metrics', 'healthz', 'readyz', 'nothing'])
    assert.equal((await fetch(`${url}${path}`)).status, 404)
})

test('exposes the five metrics of the original, summed over all workers', async () => {
  await using service = start({ WORKERS: '2' })
  await service.untilReady()
  const url = await service.serviceUrl()
  for (let request = 0; request < 10; request++) await fetch(url, { headers: { connection: 'close' } })
  const expected = {
    [HELLO]: 10,
    'flask_http_request_total{method="GET",status="200"}': 10,
    'flask_http_request_duration_seconds_count{method="GET",path="/",status="200"}': 10,
    'flask_http_request_duration_seconds_bucket{method="GET",path="/",status="200",le="+Inf"}': 10,
    'flask_exporter_info{version="0.1.0"}': 1,
  }
  for (const [format, exceptions] of [
    ['text/plain', 'flask_http_request_exceptions_total'],
    ['application/openmetrics-text; version=1.0.0', 'flask_http_request_exceptions'],
  ] as const) {
    const text = await service.scrape(format)
    for (const [series, value] of Object.entries(expected)) assert.equal(readSeries(text, series), value, series)
    assert.match(text, new RegExp(`^# TYPE ${exceptions} counter$`, 'm'))
    const bounds = [...text.matchAll(/^flask_http_request_duration_seconds_bucket\{.*le="([^"]+)"\}/gm)].map(
      ([, bound]) => bound,
    )
    assert.deepEqual(bounds, '0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1.0 2.5 5.0 7.5 10.0 +Inf'.split(' '))
  }
})

test('aborts 7 to 13 % of 1,000 requests with CHAOS_TARGET_PERCENT=10, and counts each by its status', async () => {
  await using service = start({ CHAOS_TARGET_PERCENT: '10' })
  await service.untilReady()
  const url = await service.serviceUrl()
  const answered = new Map<number, number>()
  const client = async () => {
    for (let request = 0; request < 100; request++) {
      const status = await get(url)
      answered.set(status, (answered.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: 10 }, client))
  const aborted = 1_000 - (answered.get(200) ?? 0)
  assert.ok(aborted >= 70 && aborted <= 130, `${aborted} of 1,000 requests were aborted`)
  const text = await service.scrape()
  for (const [status, count] of answered) {
    assert.equal(
      readSeries(text, `flask_http_request_total{method="GET",status="${status}"}`),
      count,
      `status ${status}`,
    )
  }
  assert.equal(readSeries(text, HELLO), 1_000, 'aborted requests count too')
})

test('names every bad variable in one error, and exits with 2', async () => {
  await using service = start({ CHAOS_TARGET_PERCENT: '200', WORKERS: 'many', OTEL_TRACES_EXPORTER: 'google' })
  assert.deepEqual(await service.exit, { code: 2, signal: null })
  assert.equal(
    service.stderr,
    `flask-app: the environment can't be used:
  OTEL_TRACES_EXPORTER="google" can't be used; it must be one of google_cloud_trace, otlp, console, none
  WORKERS="many" can't be used; it must be a whole number from 1 to 256
  CHAOS_TARGET_PERCENT="200" can't be used; it must be a number from 0 to 100
`,
  )
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`exits with 0 on ${signal}, and leaves no process behind`, async () => {
    await using service = start()
    await service.untilReady()
    const workers = service.children
    assert.equal(workers.length, 2)
    service.kill(signal)
    assert.deepEqual(await service.exit, { code: 0, signal: null })
    assert.deepEqual(workers.filter(isAlive), [])
    assert.equal(service.stderr, '')
  })
}

test('exits with 0 when the signal reaches the primary and the workers at once, as with Ctrl-C in a terminal', async () => {
  await using service = start()
  await service.untilReady()
  for (const pid of [...service.children, service.pid]) process.kill(pid, 'SIGINT')
  assert.deepEqual(await service.exit, { code: 0, signal: null })
})

test('exits with 0 on a signal during boot', async () => {
  await using service = start()
  await service.until('the first worker has started', () => service.children.length > 0)
  service.kill('SIGTERM')
  assert.deepEqual(await service.exit, { code: 0, signal: null })
})

test('leaves no worker behind when its primary is killed', async () => {
  await using service = start()
  await service.untilReady()
  const workers = service.children
  service.kill('SIGKILL')
  await service.exit
  const deadline = performance.now() + 10_000
  while (workers.some(isAlive) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual(workers.filter(isAlive), [])
})

test('gives up with exit code 1 after five deaths in a row, and says why: another flask-app uses the port', async () => {
  await using first = start({ WORKERS: '1' })
  const url = await first.serviceUrl()
  const { port } = new URL(url)
  await using service = start({ PORT: port, WORKERS: '1' })
  assert.deepEqual(await service.exit, { code: 1, signal: null })
  assert.match(
    service.stderr,
    new RegExp(`flask-app: 5 workers in a row died before they were ready, .*EADDRINUSE.*:${port}`),
  )
  const waits = service.log.filter(({ message }) => message?.startsWith('A worker died')).map(({ waitMs }) => waitMs)
  assert.deepEqual(waits, [100, 200, 400, 800])
  assert.equal((await fetch(url)).status, 200)
})

test('logs only once where traces go, although it has several processes', async () => {
  await using service = start()
  await service.untilReady()
  service.kill('SIGTERM')
  await service.exit
  assert.equal(service.log.filter(({ message }) => message?.startsWith('Traces go nowhere')).length, 1)
})

test("logs the original's two lines at their levels", async () => {
  await using service = start({ LOG_LEVEL: 'debug' })
  await service.untilReady()
  await fetch(await service.serviceUrl())
  assert.equal((await service.untilLog(/^Received hello request !$/)).severity, 'INFO')
  assert.equal((await service.untilLog(/^Counter was incremented\.$/)).severity, 'DEBUG')
})

test("logs one line per request, in Cloud Logging's format; all lines of a request belong to its span", async () => {
  await using service = start({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  await service.untilReady()
  const traceId = 'c'.repeat(32)
  await fetch(`${await service.serviceUrl()}?q=1`, { headers: { traceparent: `00-${traceId}-${'1'.repeat(16)}-01` } })
  await service.untilLog(/^GET \/\?q=1 200$/)
  const lines = service.log.filter((line) => line['logging.googleapis.com/trace'] === traceId)
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['Received hello request !', 'GET /?q=1 200'],
  )
  const [spanId] = lines.map((line) => line['logging.googleapis.com/spanId'])
  assert.match(String(spanId), /^[0-9a-f]{16}$/)
  for (const line of lines) {
    assert.equal(line.severity, 'INFO')
    assert.equal(line['logging.googleapis.com/spanId'], spanId)
    assert.equal(line['logging.googleapis.com/trace_sampled'], true)
  }
  const { latency, userAgent, ...request } = (lines[1] ?? assert.fail()).httpRequest as Record<string, unknown>
  assert.deepEqual(request, { requestMethod: 'GET', requestUrl: '/?q=1', status: 200, remoteIp: '127.0.0.1' })
  assert.match(String(latency), /^\d+\.\d{6}s$/)
  assert.equal(service.log.filter(({ httpRequest }) => httpRequest !== undefined).length, 1)
})

test('on a terminal the lines are human-readable, and on Ctrl-C the service exits with 0', async (context) => {
  const terminal = spawn(
    'script',
    [
      '--quiet',
      '--return',
      '--command',
      `exec ${process.execPath} --conditions=@node-to-cloud/source ${module}`,
      '/dev/null',
    ],
    {
      env: { ...process.env, PORT: '0', METRICS_PORT: '0', WORKERS: '1', OTEL_TRACES_EXPORTER: 'none', NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  let output = ''
  const failure = new Promise<Error>((resolve) => terminal.once('error', resolve))
  const exit = new Promise<number | null>((resolve) => terminal.once('close', resolve))
  const isReady = new Promise<void>((resolve) =>
    terminal.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      if (output.includes('The service is at http://')) resolve()
    }),
  )
  if (await Promise.race([failure, isReady])) return context.skip('script is not installed')
  terminal.stdin.write('\u0003')
  assert.equal(await exit, 0)
  assert.match(output, /^\[\d\d:\d\d:\d\d\.\d\d\d\] INFO: Metrics are at http/m)
  assert.doesNotMatch(output, /^\{/m)
})

/** The status of a GET. `fetch` can't be used here: it treats 407 as a network error. */
function get(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0))
    })
      .once('error', reject)
      .end()
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
