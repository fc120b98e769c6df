import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeClusterProgram } from '../../test/testing/cluster-program.ts'
import { readSeries, ServiceProcess } from '../../test/testing/service-process.ts'

async function untilWorkers(service: ServiceProcess, workers: number): Promise<void> {
  await service.until(
    `${workers} workers are ready`,
    async () => readSeries(await service.scrape(), 'telemetry_workers') === workers,
  )
}

/** Code that holds a worker up while a file exists. */
const waitWhile = (file: string) =>
  `while (existsSync(${JSON.stringify(file)})) await new Promise((resolve) => setTimeout(resolve, 20))`

/** The response of a service on a connection of its own. */
async function ask(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n')
  return (await text(socket)).split('\r\n\r\n')[1] ?? ''
}

test('a worker that dies while a connection is on its way to it affects neither the service nor the connection', async () => {
  await using service = new ServiceProcess({ module: writeClusterProgram() })
  await untilWorkers(service, 2)
  const url = await service.serviceUrl()
  const [victim] = service.children
  // The primary learns of the connections first, and of the death when it hands them over.
  service.kill('SIGSTOP')
  const answers = Array.from({ length: 6 }, () => ask(url))
  await sleep(200)
  process.kill(victim ?? assert.fail(), 'SIGKILL')
  await sleep(200)
  service.kill('SIGCONT')
  assert.deepEqual(
    (await Promise.all(answers)).filter((pid) => !/^\d+$/.test(pid) || Number(pid) === victim),
    [],
  )
  await untilWorkers(service, 2)
  assert.equal(readSeries(await service.scrape(), 'telemetry_worker_deaths_total'), 1)
  assert.equal(service.stderr, '')
})

test('a worker that dies while the primary answers it does not affect the service', async () => {
  const wait = join(mkdtempSync(join(tmpdir(), 'telemetry-')), 'wait')
  writeFileSync(wait, '')
  const beforeStart = waitWhile(wait)
  await using service = new ServiceProcess({ module: writeClusterProgram({ beforeStart }) })
  const workers = await service.until('two workers are there', () => {
    const pids = service.children
    return pids.length === 2 && pids
  })
  // The workers ask where to listen and are killed before the primary can answer.
  service.kill('SIGSTOP')
  rmSync(wait)
  await sleep(1_500)
  for (const pid of workers) process.kill(pid, 'SIGKILL')
  service.kill('SIGCONT')
  await untilWorkers(service, 2)
  assert.equal(readSeries(await service.scrape(), 'telemetry_worker_deaths_total'), 2)
  assert.equal(service.stderr, '')
})

for (const workers of [1, 2]) {
  test(`when all of ${workers} workers are killed at once, connections wait until the next one is ready: none is refused`, async () => {
    await using service = new ServiceProcess({
      module: writeClusterProgram({ primaryOptions: `workers: ${workers}` }),
    })
    await untilWorkers(service, workers)
    const url = await service.serviceUrl()
    for (let round = 1; round <= 3; round++) {
      const victims = service.children
      assert.equal(victims.length, workers)
      for (const pid of victims) process.kill(pid, 'SIGKILL')
      const answers: Promise<string>[] = []
      await service.until('the next workers are ready', async () => {
        answers.push(ask(url))
        const text = await service.scrape()
        const deaths = readSeries(text, 'telemetry_worker_deaths_total')
        return deaths === round * workers && readSeries(text, 'telemetry_workers') === workers
      })
      const pids = (await Promise.all(answers)).map(Number)
      assert.deepEqual(
        pids.filter((pid) => !service.children.includes(pid)),
        [],
        `round ${round}`,
      )
    }
    service.kill('SIGTERM')
    assert.deepEqual(await service.exit, { code: 0, signal: null })
  })
}

test('no more than 1,024 connections wait while no worker is ready', async () => {
  const wait = join(mkdtempSync(join(tmpdir(), 'telemetry-')), 'wait')
  const beforeStart = waitWhile(wait)
  await using service = new ServiceProcess({
    module: writeClusterProgram({ primaryOptions: 'workers: 1', beforeStart }),
  })
  await untilWorkers(service, 1)
  const url = await service.serviceUrl()
  writeFileSync(wait, '')
  process.kill(Number(await ask(url)), 'SIGKILL')
  await service.untilLog(/^A worker died by signal SIGKILL/)
  let refused = 0
  const clients = Array.from({ length: 1_100 }, async () => {
    const pid = await ask(url).catch(() => '')
    if (pid === '') refused++
    return pid
  })
  await service.until('those beyond the bound are refused', () => refused === 1_100 - 1_024)
  rmSync(wait)
  assert.equal((await Promise.all(clients)).filter((pid) => /^\d+$/.test(pid)).length, 1_024)
})

test('a worker that is asked to exit repeatedly, and by a rolling restart too, is replaced once', async () => {
  await using service = new ServiceProcess({ module: writeClusterProgram() })
  await untilWorkers(service, 2)
  const old = service.children
  for (const pid of old) for (let time = 0; time < 3; time++) process.kill(pid, 'SIGTERM')
  service.kill('SIGHUP')
  await service.untilLog(/^Rolling restart: done/)
  await service.until('the old workers have ended', () => !service.children.some((pid) => old.includes(pid)))
  await untilWorkers(service, 2)
  assert.equal(service.children.length, 2)
  assert.equal(readSeries(await service.scrape(), 'telemetry_worker_deaths_total'), 0)
})

test('a new worker that hangs while starting aborts a rolling restart: the old one continues, and the log says why', async () => {
  const wait = join(mkdtempSync(join(tmpdir(), 'telemetry-')), 'wait')
  const beforeStart = waitWhile(wait)
  const primaryOptions = 'workers: 1, readyTimeoutMs: 5_000'
  await using service = new ServiceProcess({ module: writeClusterProgram({ primaryOptions, beforeStart }) })
  await untilWorkers(service, 1)
  writeFileSync(wait, '')
  service.kill('SIGHUP')
  await service.untilLog(/^A new worker died before it was ready, by signal SIGKILL: it was not ready after 5 s\.$/)
  await service.untilLog(/^Rolling restart: a new worker could not start; the old ones keep running\.$/)
  assert.equal(readSeries(await service.scrape(), 'telemetry_workers'), 1)
  rmSync(wait)
  service.kill('SIGHUP')
  await service.untilLog(/^Rolling restart: done/)
})

test('a scrape neither waits for a starting worker nor counts it as stale', async () => {
  const wait = join(mkdtempSync(join(tmpdir(), 'telemetry-')), 'wait')
  const beforeStart = waitWhile(wait)
  await using service = new ServiceProcess({ module: writeClusterProgram({ beforeStart }) })
  await untilWorkers(service, 2)
  writeFileSync(wait, '')
  service.kill('SIGHUP')
  await service.until('a third worker starts', () => service.children.length === 3)
  // Long enough for its first line, from which on it receives messages.
  await sleep(1_000)
  assert.equal(readSeries(await service.scrape(), 'telemetry_stale_workers'), 0)
  rmSync(wait)
  await service.untilLog(/^Rolling restart: done/)
})

test("a worker whose metrics can't be collected keeps serving; they keep their last values, and the log says so once", async () => {
  const fault = join(mkdtempSync(join(tmpdir(), 'telemetry-')), 'fault')
  const register = `
    new Gauge({ name: 'test_gauge', help: 'Test', registers: [registry], collect() {
      if (existsSync(${JSON.stringify(fault)})) throw new Error('the sensor is broken')
      this.set(7)
    } })
    new Counter({ name: 'test_total', help: 'Test', registers: [registry], collect() {
      if (existsSync(${JSON.stringify(fault)})) throw new Error('the sensor is broken')
    } }).inc(5)`
  await using service = new ServiceProcess({ module: writeClusterProgram({ primaryOptions: 'workers: 1', register }) })
  await untilWorkers(service, 1)
  const url = await service.serviceUrl()
  const pid = await ask(url)
  assert.equal(readSeries(await service.scrape(), 'test_gauge'), 7)
  writeFileSync(fault, '')
  for (let scrape = 0; scrape < 2; scrape++) {
    const text = await service.scrape()
    assert.equal(readSeries(text, 'telemetry_stale_workers'), 0)
    assert.equal(readSeries(text, 'test_gauge'), 7)
    assert.equal(readSeries(text, 'test_total'), 5)
  }
  const failures = readSeries(await service.scrape(), 'telemetry_collect_failures_total{metric="test_gauge"}') ?? 0
  assert.ok(failures > 0)
  for (const name of ['test_gauge', 'test_total']) await service.untilLog(new RegExp(`^The metric ${name} can't`))
  assert.deepEqual(
    service.log
      .filter(({ message }) => message?.includes("can't be collected"))
      .map(({ severity, message }) => `${severity} ${message}`)
      .sort(),
    [
      "ERROR The metric test_gauge can't be collected: the sensor is broken.",
      "ERROR The metric test_total can't be collected: the sensor is broken.",
    ],
  )
  assert.equal(await ask(url), pid)
  rmSync(fault)
  await service.until(
    'the metrics are whole',
    async () => readSeries(await service.scrape(), 'telemetry_stale_workers') === 0,
  )
})

test("a collect function that never settles affects neither scrapes nor its worker's totals nor a clean shutdown", async () => {
  const register = `
    let isStuck = false
    process.on('SIGUSR2', () => { isStuck = true })
    new Gauge({ name: 'test_gauge', help: 'Test', registers: [registry], collect() {
      if (isStuck) return new Promise(() => {})
      this.set(7)
    } })
    const requests = new Counter({ name: 'test_total', help: 'Test', registers: [registry] })
    setInterval(() => requests.inc(), 10).unref()`
  await using service = new ServiceProcess({ module: writeClusterProgram({ primaryOptions: 'workers: 1', register }) })
  await untilWorkers(service, 1)
  await service.scrape()
  process.kill(service.children[0] ?? assert.fail(), 'SIGUSR2')
  await service.until('the metric is stuck', async () => {
    const text = await service.scrape()
    return text.includes('telemetry_collect_failures_total{metric="test_gauge"}')
  })
  let last = 0
  for (let scrape = 0; scrape < 3; scrape++) {
    const text = await service.scrape()
    const total = readSeries(text, 'test_total') ?? 0
    assert.ok(total > last, `${total} after ${last}`)
    assert.equal(readSeries(text, 'telemetry_stale_workers'), 0)
    last = total
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.ok((readSeries(await service.scrape(), 'telemetry_collect_failures_total{metric="test_gauge"}') ?? 0) > 0)
  service.kill('SIGTERM')
  assert.deepEqual(await service.exit, { code: 0, signal: null })
})

test('a worker whose event loop is blocked is detected, named in the log, and replaced', async () => {
  const env = { WORKER_TIMEOUT_SECONDS: '4' }
  await using service = new ServiceProcess({ module: writeClusterProgram(), env })
  await untilWorkers(service, 2)
  const [victim = 0] = service.children
  process.kill(victim, 'SIGSTOP')
  await service.untilLog(new RegExp(`^The event loop of worker ${victim} is blocked`))
  await service.until(
    'a metric shows it',
    async () => (readSeries(await service.scrape(), 'telemetry_unresponsive_workers') ?? 0) > 0,
  )
  await service.untilLog(/^A worker died by signal SIGKILL: its event loop was blocked for 4 s;/)
  await service.until('it is replaced', async () => {
    const text = await service.scrape()
    const unresponsive = readSeries(text, 'telemetry_unresponsive_workers')
    assert.equal(readSeries(text, 'telemetry_worker_stalls_total'), 1)
    return unresponsive === 0 && readSeries(text, 'telemetry_workers') === 2 && !service.children.includes(victim)
  })
})

test('a worker that recovers in time is kept', async () => {
  await using service = new ServiceProcess({ module: writeClusterProgram({ primaryOptions: 'workers: 1' }) })
  await untilWorkers(service, 1)
  const [worker = 0] = service.children
  process.kill(worker, 'SIGSTOP')
  await service.untilLog(/is blocked/)
  process.kill(worker, 'SIGCONT')
  await service.untilLog(new RegExp(`^The event loop of worker ${worker} is running again`))
  assert.equal(readSeries(await service.scrape(), 'telemetry_worker_deaths_total'), 0)
  assert.deepEqual(service.children, [worker])
})

test('a primary without descriptors for a new worker reports that and retries; the others continue', async (context) => {
  if (spawnSync('prlimit', ['--version']).error !== undefined) return context.skip('prlimit is not installed')
  const primaryOptions = 'backoff: { firstMs: 20, maxMs: 200 }'
  await using service = new ServiceProcess({ module: writeClusterProgram({ primaryOptions }) })
  await untilWorkers(service, 2)
  const url = await service.serviceUrl()
  const limit = (descriptors: string) =>
    assert.equal(spawnSync('prlimit', ['--pid', String(service.pid), `--nofile=${descriptors}:`]).status, 0)
  const [victim, other] = service.children
  // Open descriptors stay open, but there is none for a scrape either.
  limit('8')
  process.kill(victim ?? assert.fail(), 'SIGKILL')
  const tries = () => service.log.filter(({ message }) => message?.startsWith("A worker can't be started"))
  await service.until('it has been tried more often than a worker may die early', () => tries().length > 6)
  assert.match(tries()[0]?.message ?? '', /^A worker can't be started \(spawn .* EMFILE\); retrying in \d+ ms\.$/)
  assert.deepEqual(service.children, [other])
  limit('1000')
  await untilWorkers(service, 2)
  assert.match(await ask(url), /^\d+$/)
  assert.equal(service.stderr, '')
})

for (const limited of ['workers', 'primary'] as const) {
  test(`more connections than ${limited === 'workers' ? 'the workers have' : 'the primary has'} descriptors for are closed; health checks are answered, and once they are gone all are served`, async (context) => {
    if (spawnSync('prlimit', ['--version']).error !== undefined) return context.skip('prlimit is not installed')
    // Stopped workers leave all connections with the primary.
    await using service = new ServiceProcess({
      module: writeClusterProgram(),
      ...(limited === 'primary' ? { descriptors: 120 } : {}),
      env: { WORKER_TIMEOUT_SECONDS: '0' },
    })
    await untilWorkers(service, 2)
    const url = await service.serviceUrl()
    const { hostname, port } = new URL(url)
    const workers = service.children
    for (const pid of workers)
      if (limited === 'primary') process.kill(pid, 'SIGSTOP')
      else assert.equal(spawnSync('prlimit', ['--pid', String(pid), '--nofile=60:']).status, 0)
    const flood = Array.from({ length: 300 }, (): Socket => connect(Number(port), hostname).on('error', () => {}))
    await service.until('some are closed', () => flood.filter(({ destroyed }) => destroyed).length > 50)
    const origin = await service.metricsUrl()
    for (let probe = 0; probe < 5; probe++) assert.equal((await fetch(`${origin}/healthz`)).status, 200)
    for (const socket of flood) socket.destroy()
    if (limited === 'primary') for (const pid of workers) process.kill(pid, 'SIGCONT')
    const answered = new Set<string>()
    await service.until('both workers answer', async () => {
      answered.add(await ask(url).catch(() => ''))
      return workers.every((pid) => answered.has(String(pid)))
    })
    assert.ok((readSeries(await service.scrape(), 'telemetry_connections_refused_total') ?? 0) > 50)
    await service.untilLog(/connections were refused: the process has too few descriptors/)
    assert.deepEqual(service.children, workers)
  })
}

test("the metrics in a worker's own registries are merged with the others", async () => {
  const beforeStart = `
    const { createRequire } = await import('node:module')
    const { register, Counter: OwnCounter } = createRequire(${JSON.stringify(import.meta.url)})('prom-client-15')
    new OwnCounter({ name: 'own_total', help: 'Own' }).inc(5)`
  await using service = new ServiceProcess({ module: writeClusterProgram({ beforeStart, registries: '[register]' }) })
  await untilWorkers(service, 2)
  assert.equal(readSeries(await service.scrape(), 'own_total'), 10)
})
