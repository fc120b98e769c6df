import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readSeries } from '@node-to-cloud/telemetry/testing'
import { type SteadyLoadOptions, startSteadyLoad } from '@node-to-cloud/telemetry/testing/load'
import { portsOfPeers } from './processes.ts'
import { RATE_PER_SECOND, underLoad, untilReadyWorkers } from './service-under-load.ts'

const WORKERS = 2
/** A connection that is opened before descriptors run out. */
const KEPT: SteadyLoadOptions = { keptConnections: 1, newConnectionEvery: Number.POSITIVE_INFINITY }

/** Far fewer connections than descriptors, even on a busy machine. */
const FEW: SteadyLoadOptions = { keptConnections: 16, newConnectionEvery: 20 }

const skip = spawnSync('prlimit', ['--version']).error !== undefined && 'needs prlimit'

test(`a primary without descriptors for new workers loses no request at ${RATE_PER_SECOND} per second`, {
  skip,
}, async () => {
  const { sent, answered, failed } = await underLoad({
    workers: WORKERS,
    load: KEPT,
    async act(service) {
      const workers = service.children
      const limit = (descriptors: number) =>
        assert.equal(spawnSync('prlimit', ['--pid', String(service.pid), `--nofile=${descriptors}:`]).status, 0)
      limit(8)
      service.kill('SIGHUP')
      await service.untilLog(/^A worker can't be started \(spawn .* EMFILE\); retrying in \d+ ms\.$/)
      await service.untilLog(/^Rolling restart: a new worker could not start; the old ones keep running\.$/)
      await sleep(1_000)
      assert.deepEqual(service.children, workers)
      limit(1_000)
      service.kill('SIGHUP')
      await service.untilLog(/^Rolling restart: done/)
    },
  })
  assert.deepEqual(failed, [])
  assert.equal(answered, sent)
})

test(`more connections than descriptors lose no request at ${RATE_PER_SECOND} per second on an earlier connection`, {
  skip,
}, async () => {
  const { sent, answered, failed } = await underLoad({
    workers: WORKERS,
    service: { descriptors: 400 },
    load: KEPT,
    async act(service) {
      const { hostname, port } = new URL(await service.serviceUrl())
      const health = `${await service.metricsUrl()}/healthz`
      const flood = Array.from({ length: 1_200 }, (): Socket => connect(Number(port), hostname).on('error', () => {}))
      await service.until('some connections are closed', () => flood.filter(({ destroyed }) => destroyed).length > 100)
      for (let probe = 0; probe < 10; probe++) {
        assert.equal((await fetch(health)).status, 200)
        await sleep(100)
      }
      for (const socket of flood) socket.destroy()
      const url = await service.serviceUrl()
      await service.until('a new connection is answered', () =>
        fetch(url, { headers: { connection: 'close' } }).then(
          ({ ok }) => ok,
          () => false,
        ),
      )
      assert.ok((readSeries(await service.scrape(), 'telemetry_connections_refused_total') ?? 0) > 100)
      const after = startSteadyLoad(url, RATE_PER_SECOND, FEW)
      await sleep(1_000)
      const { failed } = await after.stop()
      assert.deepEqual(failed, [])
    },
  })
  assert.deepEqual(failed, [])
  assert.equal(answered, sent)
})

test(`a blocked worker that recovers loses no request at ${RATE_PER_SECOND} per second`, async () => {
  const { sent, answered, failed } = await underLoad({
    workers: WORKERS,
    async act(service) {
      const [pid = 0] = service.children
      process.kill(pid, 'SIGSTOP')
      await service.untilLog(new RegExp(`^The event loop of worker ${pid} is blocked`))
      assert.equal(readSeries(await service.scrape(), 'telemetry_unresponsive_workers'), 1)
      process.kill(pid, 'SIGCONT')
      await service.untilLog(new RegExp(`^The event loop of worker ${pid} is running again`))
      assert.equal(readSeries(await service.scrape(), 'telemetry_worker_deaths_total'), 0)
    },
  })
  assert.deepEqual(failed, [])
  assert.equal(answered, sent)
})

test(`a worker that is blocked for too long is replaced; at ${RATE_PER_SECOND} requests per second only those on its connections are lost`, async () => {
  const ports = new Set<number>()
  const { failed } = await underLoad({
    workers: WORKERS,
    service: { env: { WORKER_TIMEOUT_SECONDS: '4' } },
    async act(service) {
      const [pid = 0] = service.children
      process.kill(pid, 'SIGSTOP')
      await service.until('it has been replaced', async () => {
        if (service.children.includes(pid)) for (const port of portsOfPeers(pid)) ports.add(port)
        return service.log.some(({ message }) => /^A worker died by signal SIGKILL: its event loop/.test(message ?? ''))
      })
      await untilReadyWorkers(service, WORKERS)
      assert.equal(readSeries(await service.scrape(), 'telemetry_worker_stalls_total'), 1)
    },
  })
  assert.deepEqual(
    failed.filter(({ localPort = 0 }) => !ports.has(localPort)),
    [],
  )
})
