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

/** As {@link underLoad}, with a log of each request; `counted` are the requests that the service has counted. */
async function countedUnderLoad(workers: number, act: Trial['act']) {
  const { exposition, ...result } = await underLoad({ workers, service: { env: { LOG_LEVEL: 'info' } }, act })
  return { ...result, counted: readSeries(exposition, HELLO) ?? 0 }
}

/** The pid of the worker that took a request last, of those that live. */
function pidOfWorker(service: ServiceProcess): Promise<number> {
  return service.until('a worker takes requests', () => {
    const living = service.children
    const last = service.log.findLast(
      ({ message, pid }) => message === 'Received hello request !' && living.includes(Number(pid)),
    )
    return last !== undefined && Number(last.pid)
  })
}

for (const workers of [1, 2]) {
  test(`a rolling restart of ${workers} by SIGHUP costs no request`, async () => {
    const { sent, answered, failed, counted } = await countedUnderLoad(workers, async (service) => {
      service.kill('SIGHUP')
      await service.untilLog(/^Rolling restart: done/)
    })
    assert.deepEqual(failed, [])
    assert.equal(answered, sent)
    assert.equal(counted, sent, 'every request is counted, those of the old workers too')
  })

  test(`a rolling restart of ${workers} beside clients that have sent nothing, or half a head, costs no request, and is done`, async () => {
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

  test(`SIGTERM to one of ${workers} workers costs no request`, async () => {
    const { sent, answered, failed, counted } = await countedUnderLoad(workers, async (service) => {
      const pid = await pidOfWorker(service)
      process.kill(pid, 'SIGTERM')
      await service.until('the worker has ended', () =>
        service.log.some((line) => line.pid === pid && line.message === 'Shutting down.'),
      )
      await sleep(3_000)
    })
    assert.deepEqual(failed, [])
    assert.equal(answered, sent)
    assert.equal(counted, sent)
  })
}

/** What a worker had at the moment when it was killed. */
interface Kill {
  /** The requests that were sent and not answered. */
  readonly inHand: ReadonlySet<LoadRequest>
  /** The ports of all its connections, also of those without a request. */
  readonly connections: ReadonlySet<number>
}

/** Kills a worker that stands still while requests gather at it, so that no other is answered or taken between the count and the kill. */
async function killStandingStill(service: ServiceProcess, load: SteadyLoad): Promise<Kill> {
  const pid = await pidOfWorker(service)
  process.kill(pid, 'SIGSTOP')
  try {
    await service.until('the worker stands still', () => isStopped(pid))
    await sleep(100)
    // From here to the kill nothing waits: what the client knows is of one moment.
    const connections = portsOfPeers(pid)
    const inHand = load.inFlight.filter(({ localPort }) => localPort !== undefined && connections.has(localPort))
    return { inHand: new Set(inHand), connections }
  } finally {
    process.kill(pid, 'SIGKILL')
  }
}

/** Kills a worker in the midst of its work; any request that is under way may be in its hands. */
async function killRunning(service: ServiceProcess, load: SteadyLoad): Promise<Kill> {
  const pid = await pidOfWorker(service)
  const connections = portsOfPeers(pid)
  const inHand = new Set(load.inFlight)
  process.kill(pid, 'SIGKILL')
  return { inHand, connections }
}

/**
 * Whether a request was sent on a kept connection of the killed worker before its end had come to the client: the kernel takes some milliseconds to
 * end a process, and takes what is sent to it until then. It reached nobody, and clients send such a request again (`reusedSocket`).
 */
function wasOvertakenBy({ connections, inHand }: Kill, { isReused, localPort = 0 }: LoadRequest): boolean {
  const isOfWorker = connections.has(localPort) || [...inHand].some((request) => request.localPort === localPort)
  return isReused && isOfWorker
}

const KILLS = 3
for (const [workers, how, kill] of [
  [1, 'that stands still', killStandingStill],
  [1, 'in the midst of its work', killRunning],
  [2, 'that stands still', killStandingStill],
  [2, 'in the midst of its work', killRunning],
] as const) {
  test(`kill -9 of one of ${workers} workers ${how} costs at most the requests that it had in hand, and 250 ms of its counts`, async () => {
    const kills: Kill[] = []
    const { sent, answered, counted, failed } = await countedUnderLoad(workers, async (service, load) => {
      for (let round = 1; round <= KILLS; round++) {
        // Those who have waited for the worker come all at once; 250 ms later they have been reported, and the rate is steady again.
        await service.until('nobody waits any more', () => load.inFlight.length < 10)
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
    const beyond = failed.filter((request) => !kills.some(({ inHand }) => inHand.has(request)))
    assert.deepEqual(
      beyond.filter((request) => !kills.some((one) => wasOvertakenBy(one, request))),
      [],
    )
    assert.ok(counted >= answered - KILLS * RATE_PER_SECOND * 0.3, `${counted} of ${answered} requests are counted`)
  })
}

for (const workers of [1, 2]) {
  test(`SIGTERM to a service of ${workers} costs no request: each that gets a connection is answered, counted and traced`, async () => {
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
      await service.until('the workers have ended', () => service.children.length === 0)
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
      'a connection that is refused sends the client elsewhere; nothing else may fail',
    )
    assert.ok(failed.length > 0, 'the load went on after the end')
    assert.equal(answered, sent - failed.length)
    assert.equal(counted, answered)
    assert.equal(collector.spans, answered)
  })
}
