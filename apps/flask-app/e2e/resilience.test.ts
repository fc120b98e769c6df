import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'
import { type LoadRequest, type SteadyLoad, startSteadyLoad } from '@node-to-cloud/telemetry/testing/load'
import { isStopped, portsOfPeers } from './processes.ts'
import { openScrape } from './scrape.ts'
import { MODULE, RATE_PER_SECOND, type Trial, underLoad, untilReadyWorkers } from './service-under-load.ts'
import { startSpanCollector } from './span-collector.ts'

const HELLO = 'flask_app_hello_requests_total{app="flask-app",environment="staging"}'

/** Like {@link underLoad}, with a log of every request; `counted` is how many requests the service has counted. */
async function countedUnderLoad(workers: number, act: Trial['act']) {
  const { exposition, ...result } = await underLoad({ workers, service: { env: { LOG_LEVEL: 'info' } }, act })
  return { ...result, counted: readSeries(exposition, HELLO) ?? 0 }
}

/** The PID of the running worker that received a request last. */
function pidOfWorker(service: ServiceProcess): Promise<number> {
  return service.until('a worker receives requests', () => {
    const living = service.children
    const last = service.log.findLast(
      ({ message, pid }) => message === 'Received hello request !' && living.includes(Number(pid)),
    )
    return last !== undefined && Number(last.pid)
  })
}

for (const workers of [1, 2]) {
  test(`a rolling restart of ${workers} by SIGHUP loses no request`, async () => {
    const { sent, answered, failed, counted } = await countedUnderLoad(workers, async (service) => {
      service.kill('SIGHUP')
      await service.untilLog(/^Rolling restart: done/)
    })
    assert.deepEqual(failed, [])
    assert.equal(answered, sent)
    assert.equal(counted, sent, 'every request is counted, including those of the old workers')
  })

  test(`a rolling restart of ${workers} with clients that have sent nothing, or only part of a request head, loses no request and completes`, async () => {
    const { sent, answered, failed } = await countedUnderLoad(workers, async (service) => {
      const { hostname, port } = new URL(await service.serviceUrl())
      for (const bytes of ['', 'GET / HTTP/1.1\r\nHost: test\r\n']) {
        const client = connect(Number(port), hostname).on('error', () => {})
        await once(client, 'connect')
        client.write(bytes)
      }
      service.kill('SIGHUP')
      await service.untilLog(/^Rolling restart: done/)
      assert.equal(
        service.log.some(({ message }) => message?.startsWith('A worker did not drain in time')),
        false,
      )
    })
    assert.deepEqual(failed, [])
    assert.equal(answered, sent)
  })

  test(`SIGTERM to one of ${workers} workers loses no request`, async () => {
    const { sent, answered, failed, counted } = await countedUnderLoad(workers, async (service) => {
      const pid = await pidOfWorker(service)
      process.kill(pid, 'SIGTERM')
      await service.until('the worker has exited', () =>
        service.log.some((line) => line.pid === pid && line.message === 'Shutting down.'),
      )
      await sleep(3_000)
    })
    assert.deepEqual(failed, [])
    assert.equal(answered, sent)
    assert.equal(counted, sent)
  })
}

/** The state of a worker at the moment when it was killed. */
interface Kill {
  /** The requests that were sent but not answered yet. */
  readonly inProgress: ReadonlySet<LoadRequest>
  /** The ports of all its connections, including idle ones. */
  readonly connections: ReadonlySet<number>
}

/**
 * Kills a worker that is stopped while requests queue up at it, so that it neither answers nor accepts one between the
 * count and the kill.
 */
async function killStopped(service: ServiceProcess, load: SteadyLoad): Promise<Kill> {
  const pid = await pidOfWorker(service)
  process.kill(pid, 'SIGSTOP')
  try {
    await service.until('the worker is stopped', () => isStopped(pid))
    await sleep(100)
    // No await from here to the kill, so that the client's state is that of one moment.
    const connections = portsOfPeers(pid)
    const inProgress = load.inFlight.filter(({ localPort }) => localPort !== undefined && connections.has(localPort))
    return { inProgress: new Set(inProgress), connections }
  } finally {
    process.kill(pid, 'SIGKILL')
  }
}

/** Kills a worker while it is working; any request in progress may be one of its own. */
async function killRunning(service: ServiceProcess, load: SteadyLoad): Promise<Kill> {
  const pid = await pidOfWorker(service)
  const connections = portsOfPeers(pid)
  const inProgress = new Set(load.inFlight)
  process.kill(pid, 'SIGKILL')
  return { inProgress, connections }
}

/**
 * Whether a request was sent on a kept-alive connection of the killed worker before the client saw it close: the kernel
 * needs some milliseconds to end a process, and accepts data for it until then. No process received the request, and
 * clients retry such a request (`reusedSocket`).
 */
function wasOvertakenBy({ connections, inProgress }: Kill, { isReused, localPort = 0 }: LoadRequest): boolean {
  const isOfWorker = connections.has(localPort) || [...inProgress].some((request) => request.localPort === localPort)
  return isReused && isOfWorker
}

const KILLS = 3
for (const [workers, how, kill] of [
  [1, 'that is stopped', killStopped],
  [1, 'while it is working', killRunning],
  [2, 'that is stopped', killStopped],
  [2, 'while it is working', killRunning],
] as const) {
  test(`kill -9 of one of ${workers} workers ${how} loses at most its requests in progress, and 250 ms of its counts`, async () => {
    const kills: Kill[] = []
    const { sent, answered, counted, failed } = await countedUnderLoad(workers, async (service, load) => {
      for (let round = 1; round <= KILLS; round++) {
        // Clients that have waited for the worker send their requests all at once; 250 ms later these have been
        // reported, and the rate is steady again.
        await service.until('no request is waiting any more', () => load.inFlight.length < 10)
        await sleep(300)
        kills.push(await kill(service, load))
        await service.until(
          'the death is counted',
          async () => readSeries(await service.scrape(), 'telemetry_worker_deaths_total') === round,
        )
        await untilReadyWorkers(service, workers)
      }
    })
    assert.equal(sent - answered, failed.length)
    const beyond = failed.filter((request) => !kills.some(({ inProgress }) => inProgress.has(request)))
    assert.deepEqual(
      beyond.filter((request) => !kills.some((one) => wasOvertakenBy(one, request))),
      [],
    )
    assert.ok(counted >= answered - KILLS * RATE_PER_SECOND * 0.3, `${counted} of ${answered} requests are counted`)
  })
}

for (const workers of [1, 2]) {
  test(`SIGTERM to a service with ${workers} loses no request: each one that gets a connection is answered, counted and traced`, async () => {
    const collector = await startSpanCollector()
    await using service = new ServiceProcess({
      module: MODULE,
      env: { WORKERS: String(workers), OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    })
    await service.untilReady()
    await untilReadyWorkers(service, workers)
    const load = startSteadyLoad(await service.serviceUrl(), RATE_PER_SECOND)
    await sleep(1_000)
    const processes = service.children
    assert.equal(processes.length, workers)
    const lastScrape = await openScrape(await service.metricsUrl())
    let counted: number | undefined
    try {
      service.kill('SIGTERM')
      await service.until('the workers have exited', () => service.children.length === 0)
      counted = readSeries(await lastScrape(), HELLO)
      assert.deepEqual(await service.exit, { code: 0, signal: null })
    } finally {
      await load.stop()
      await collector.close()
    }
    const { sent, answered, failed } = await load.stop()
    assert.deepEqual(
      failed.filter(({ failure }) => failure !== 'ECONNREFUSED'),
      [],
      'only refused connections may fail, since clients then go elsewhere',
    )
    assert.ok(failed.length > 0, 'the load continued after the service had exited')
    assert.equal(answered, sent - failed.length)
    assert.equal(counted, answered)
    assert.equal(collector.spans, answered)
  })
}
