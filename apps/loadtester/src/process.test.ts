import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { eventually, LoadProcess } from '../test/testing/load-process.ts'
import { TargetServer } from '../test/testing/target-server.ts'
import type { SeriesRow } from './contract/run-report.ts'
import { RunStore } from './store/run-store.ts'

describe('the process', () => {
  let folder = ''
  let target: TargetServer
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-process-'))
    target = await TargetServer.start()
    await writeFile(join(folder, 'one.yml'), 'scenarios:\n  - flow:\n      - get: { url: / }\n')
    await writeFile(
      join(folder, 'strict.yml'),
      'config:\n  phases: [{ duration: 1, arrivalRate: 5 }]\n  ensure: { thresholds: [{ http.response_time.p95: 0.001 }] }\nscenarios:\n  - flow:\n      - get: { url: / }\n',
    )
  })
  after(async () => {
    await target.close()
    await rm(folder, { recursive: true })
  })

  async function run(
    args: readonly string[],
    environment: Record<string, string> = {},
  ): Promise<{ code: unknown; stdout: string; stderr: string }> {
    const child = new LoadProcess(args, environment)
    const code = await child.exited()
    return { code, stdout: child.stdout, stderr: child.stderr }
  }

  it('runs an open load and prints a summary with the counts of the target', async () => {
    const before = target.requests
    const report = join(folder, 'report.html')
    const { code, stdout } = await run([
      'run',
      join(folder, 'one.yml'),
      '--target',
      target.url,
      '--rate',
      '20',
      '--duration',
      '2',
      '--workers',
      '2',
      '--report',
      report,
      '--json',
    ])
    assert.equal(code, 0)
    const summary = JSON.parse(stdout) as Record<string, unknown>
    const keyFigures = ['requests', 'failures', 'arrivals', 'unaccounted', 'achievedRate', 'latencyMs']
    assert.deepEqual(Object.keys(summary).slice(0, 9), [...keyFigures, 'generatorBound', 'ok', 'verdict'])
    assert.equal(summary.verdict, 'no bounds')
    assert.deepEqual(
      (summary.series as SeriesRow[]).map(({ method, name, requests }) => [method, name, requests]),
      [['GET', '/', 40]],
    )
    assert.deepEqual(Object.keys(summary.latencyMs as object), ['p50', 'p95', 'p99'])
    assert.deepEqual(
      [summary.requests, summary.failures, summary.arrivals, summary.unaccounted, summary.achievedRate, summary.ok],
      [40, 0, 40, 0, 20, true],
    )
    assert.equal(target.requests - before, 40)
    assert.equal(new Set(target.traceparents.slice(-40)).size, 40, 'every request has a traceparent of its own')
    const html = await readFile(report, 'utf8')
    assert.match(html, /<svg/)
    assert.doesNotMatch(html, /<script|https?:\/\/(?!127\.0\.0\.1)/)
  })

  it('runs a closed load, and counts exactly', async () => {
    const before = target.requests
    const { code, stdout } = await run([
      'run',
      join(folder, 'one.yml'),
      '--target',
      target.url,
      '--users',
      '5',
      '--duration',
      '1',
      '--json',
    ])
    assert.equal(code, 0)
    const { requests } = JSON.parse(stdout) as { requests: number }
    assert.equal(target.requests - before, requests)
    assert.ok(requests > 5)
  })

  it('exits with 1 when a bound of the script is missed', async () => {
    const { code, stdout } = await run(['run', join(folder, 'strict.yml'), '--target', target.url])
    assert.equal(code, 1)
    assert.match(stdout, /missed http\.response_time\.p95: 0\.001/)
  })

  it('ends a run at SIGINT and still prints its results', async () => {
    const before = target.requests
    const child = new LoadProcess(['run', join(folder, 'one.yml'), '--target', target.url, '--rate', '50', '--json'])
    await eventually(() => target.requests > before + 20, 'requests come')
    child.kill('SIGINT')
    assert.equal(await child.exited(), 0)
    assert.equal((JSON.parse(child.stdout) as { requests: number }).requests, target.requests - before)
  })

  for (const { name, args, says } of [
    {
      name: 'a script that is not there',
      args: ['run', '/nowhere.yml', '--target', 'http://127.0.0.1:9'],
      says: /nowhere\.yml can't be read/,
    },
    {
      name: 'a target where nothing listens',
      args: ['run', 'one.yml', '--target', 'http://127.0.0.1:9', '--rate', '1'],
      says: /nothing is listening there/,
    },
    {
      name: 'TLS that the target does not speak',
      args: ['run', 'one.yml', '--target', 'TLS', '--rate', '1'],
      says: /can't be reached: .*(SSL|TLS|wrong version|EPROTO|packet)/i,
    },
    {
      name: 'a rate that is not a number',
      args: ['run', 'one.yml', '--rate', 'NaN'],
      says: /--rate "NaN" can't be used; it must be a number/,
    },
    {
      name: 'a report that cannot be written',
      args: ['run', 'one.yml', '--target', 'TARGET', '--rate', '1', '--duration', '1', '--report', '/nowhere/r.html'],
      says: /nowhere\/r\.html/,
    },
  ]) {
    it(`exits with 2 and one clear message for ${name}`, async () => {
      const filled = args.map((arg) =>
        arg === 'one.yml'
          ? join(folder, arg)
          : arg.replace('TARGET', target.url).replace('TLS', target.url.replace('http:', 'https:')),
      )
      const { code, stderr } = await run(filled)
      assert.equal(code, 2, stderr)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /\n {4}at /)
    })
  }

  it('names every bad variable at once and exits with 2', async () => {
    const { code, stderr } = await run(['standalone'], {
      TARGET_HOST: 'nowhere',
      LOAD_RATE: 'NaN',
      PORT: '-1',
      LOAD_TOKEN: 'x'.repeat(2000),
    })
    assert.equal(code, 2)
    for (const name of ['TARGET_HOST', 'LOAD_RATE', 'PORT', 'LOAD_TOKEN']) assert.match(stderr, new RegExp(name))
    assert.doesNotMatch(stderr, /xxxx/)
  })

  it('exits with 2 and one clear message if its script cannot be used', async () => {
    await writeFile(join(folder, 'broken.yml'), 'config: [')
    for (const [script, says] of [
      ['/nowhere/s.yml', /there is no script "s\.yml" in \/nowhere/],
      [join(folder, 'broken.yml'), /broken\.yml: /],
    ] as const) {
      const { code, stderr } = await run(['standalone'], {
        LOAD_SCRIPT: script,
        PORT: '0',
        METRICS_PORT: '0',
        WORKER_METRICS_PORT: '0',
        LOAD_STATE_DIR: join(folder, 'state-broken'),
      })
      assert.equal(code, 2, stderr)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /\n {4}at /)
    }
  })

  it('starts a load automatically, serves metrics and console, and shuts down promptly at SIGTERM', async () => {
    const before = target.requests
    const token = 'token-of-a-test-0123456789'
    const child = new LoadProcess(['standalone'], {
      TARGET_HOST: target.url,
      PORT: '0',
      METRICS_PORT: '0',
      WORKER_METRICS_PORT: '0',
      LOAD_AUTOSTART: 'true',
      LOAD_RATE: '12.5',
      LOAD_TOKEN: token,
      LOAD_STATE_DIR: join(folder, 'state'),
    })
    try {
      const url = await child.printed(/"url":"(http:\/\/127\.0\.0\.1:\d+\/)"/)
      const metricsUrl = await child.printed(/Metrics are at (\S+\/metrics)\./)
      const workerUrl = await child.printed(/The worker's metrics are at (\S+\/metrics)\./)
      await eventually(() => target.requests > before + 25, 'requests come')
      assert.match(
        await (await fetch(workerUrl)).text(),
        /loadtester_requests_total\{method="GET",name="\/",status="200"\} \d/,
      )
      const headers = { authorization: `Bearer ${token}` }
      const stats = (await (await fetch(new URL('/stats/requests', url), { headers })).json()) as { state: string }
      assert.equal(stats.state, 'running')
      for (const sample of [
        /^loadtester_run_target_rate 12\.5$/m,
        /^loadtester_run_achieved_rate [1-9]/m,
        /^loadtester_run_latency_seconds\{quantile="0\.99"\} \d/m,
        /^loadtester_run_workers\{state="running"\} 1$/m,
        /^loadtester_run_unaccounted_arrivals 0$/m,
      ])
        await eventually(async () => sample.test(await (await fetch(metricsUrl)).text()), String(sample))
      assert.equal((await fetch(new URL('/readyz', metricsUrl))).status, 200)
      const asked = performance.now()
      child.kill('SIGTERM')
      assert.equal(await child.exited(), 0)
      assert.ok(target.lastAt - asked < 5000)
      const [kept] = await new RunStore(join(folder, 'state'), { log: () => {} }).list()
      assert.equal(kept?.requests, target.requests - before, 'the run is in the history, with every request')
      assert.doesNotMatch(child.stdout, new RegExp(token))
    } finally {
      await child.dispose()
    }
  })

  it('shows the URL with the token on a terminal only', {
    skip: !existsSync('/usr/bin/script') && 'there is no script; apt-get install bsdutils',
  }, async () => {
    const token = 'token-of-a-terminal-0123456789'
    const launcher = fileURLToPath(new URL('../bin/loadtester.js', import.meta.url))
    const environment = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TARGET_HOST: target.url,
      PORT: '0',
      METRICS_PORT: '0',
      WORKER_METRICS_PORT: '0',
      LOAD_TOKEN: token,
      LOAD_STATE_DIR: join(folder, 'state-terminal'),
      OTEL_TRACES_EXPORTER: 'none',
    }
    const command = `exec ${process.execPath} ${launcher} standalone`
    const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let shown = ''
    terminal.stdout.on('data', (chunk) => {
      shown += String(chunk)
    })
    try {
      await eventually(() => /Open http:\/\/127\.0\.0\.1:\d+\/\?token=/.test(shown), 'the URL is shown')
      assert.ok(shown.includes(`?token=${token}`))
      assert.equal(shown.split(token).length, 2, 'the token is shown once')
    } finally {
      terminal.stdin.write('\x03')
      await once(terminal, 'close')
    }
  })

  it('counts lost spans of requests in a metric', async () => {
    const child = new LoadProcess(['standalone'], {
      TARGET_HOST: target.url,
      PORT: '0',
      METRICS_PORT: '0',
      WORKER_METRICS_PORT: '0',
      LOAD_AUTOSTART: 'true',
      LOAD_RATE: '20',
      LOAD_TOKEN: 'token-of-a-test-0123456789',
      LOAD_STATE_DIR: join(folder, 'state-spans'),
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_BSP_MAX_QUEUE_SIZE: '10',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
    })
    try {
      const workerUrl = await child.printed(/The worker's metrics are at (\S+\/metrics)\./)
      await eventually(
        async () => /loadtester_spans_dropped_total\{reason="\w+"\} [1-9]/.test(await (await fetch(workerUrl)).text()),
        'lost spans are counted',
      )
    } finally {
      await child.dispose()
    }
  })

  it('waits, and logs why, while the target of an automatic start does not answer', async () => {
    const child = new LoadProcess(['standalone'], {
      TARGET_HOST: 'http://127.0.0.1:9',
      PORT: '0',
      METRICS_PORT: '0',
      WORKER_METRICS_PORT: '0',
      LOAD_AUTOSTART: 'true',
      LOAD_TOKEN: 'token-of-a-test-0123456789',
      LOAD_STATE_DIR: join(folder, 'state'),
    })
    try {
      await child.printed(/The automatic start is waiting: the target http:\/\/127\.0\.0\.1:9 can't be reached/)
      child.kill('SIGTERM')
      assert.equal(await child.exited(), 0)
    } finally {
      await child.dispose()
    }
  })
})
