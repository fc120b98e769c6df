import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'
import { type SteadyLoad, startSteadyLoad } from './steady-load.ts'

const module = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const RATE_PER_SECOND = 500
const HELLO = 'flask_app_hello_requests_total{app="flask-app",environment="staging"}'

/** Runs a service under load, does something to it, and lets the load go on for a while. */
async function underLoad(workers: number, act: (service: ServiceProcess, load: SteadyLoad) => Promise<void>) {
  await using service = new ServiceProcess({
    module,
    env: { WORKERS: String(workers), RELOAD_ON_SIGHUP: 'true', LOG_LEVEL: 'info' },
  })
  await service.untilReady()
  await service.until(
    'all workers are ready',
    async () => readSeries(await service.scrape(), 'telemetry_workers') === workers,
  )
  const load = startSteadyLoad(await service.serviceUrl(), RATE_PER_SECOND)
  await sleep(1_000)
  await act(service, load)
  await sleep(1_000)
  const result = await load.stop()
  const counted = readSeries(await service.scrape(), HELLO) ?? 0
  return { ...result, counted, log: service.log }
}

/** The pid of a worker that takes requests. */
async function pidOfWorker(service: ServiceProcess): Promise<number> {
  const line = await service.untilLog(/^Received hello request !$/)
  return Number(line.pid)
}

for (const workers of [1, 2]) {
  test(`a rolling restart of ${workers} by SIGHUP costs no request`, async () => {
    const { sent, answered, failures, counted } = await underLoad(workers, async (service) => {
      service.kill('SIGHUP')
      await service.untilLog(/^Rolling restart: done/)
    })
    assert.deepEqual(Object.fromEntries(failures), {})
    assert.equal(answered, sent)
    assert.equal(counted, sent, 'every request is counted, those of the old workers too')
  })

  test(`SIGTERM to one of ${workers} workers costs no request`, async () => {
    const { sent, answered, failures, counted } = await underLoad(workers, async (service) => {
      const pid = await pidOfWorker(service)
      process.kill(pid, 'SIGTERM')
      await service.until('the worker has ended', () =>
        service.log.some((line) => line.pid === pid && line.message === 'Shutting down.'),
      )
      await sleep(3_000)
    })
    assert.deepEqual(Object.fromEntries(failures), {})
    assert.equal(answered, sent)
    assert.equal(counted, sent)
  })
}

test('kill -9 of a worker costs at most the requests on the connections it had in hand, and 250 ms of its counts', async () => {
  let connections = 0
  const { sent, answered, counted, failures } = await underLoad(2, async (service, load) => {
    const pid = await pidOfWorker(service)
    connections = load.connections
    process.kill(pid, 'SIGKILL')
    await service.untilLog(/^A worker died by signal SIGKILL; it is replaced in 100 ms/)
  })
  assert.ok(
    sent - answered <= connections,
    `${sent - answered} requests failed (${[...failures].join()}), ${connections} connections were open`,
  )
  assert.ok(counted >= answered - RATE_PER_SECOND * 0.3, `${counted} of ${answered} requests are counted`)
})
