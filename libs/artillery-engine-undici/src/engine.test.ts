import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { loadArtilleryCore } from '../test/testing/artillery-core.ts'
import { createCertificate, hasOpenssl } from '../test/testing/certificate.ts'
import { RecordingServer } from '../test/testing/recording-server.ts'
import { CollectingEvents, createContext, runScenario, type ScenarioResult } from '../test/testing/run-scenario.ts'
import type { EngineHelpers, ScenarioSpec } from './artillery/contract.ts'
import type { OutgoingRequest, RequestOutcome, TracedOutcome, UndiciEngineOptions } from './artillery/options.ts'
import { UndiciEngine } from './engine.ts'

let server: RecordingServer
let helpers: EngineHelpers

before(async () => {
  server = await RecordingServer.start()
  helpers = (await loadArtilleryCore()).helpers
})

after(() => server[Symbol.asyncDispose]())

function run(
  flow: ScenarioSpec['flow'],
  config: Record<string, unknown> = {},
  options: UndiciEngineOptions = {},
): Promise<ScenarioResult> {
  server.requests = []
  const script = { config: { target: server.origin, engines: { undici: options }, ...config }, scenario: { flow } }
  return runScenario(UndiciEngine, script, helpers)
}

describe('times', () => {
  test('a slow body counts as response time, not as time to first byte; both have fractions', async () => {
    const { histograms } = await run([{ get: { url: '/slow-body/120' } }])
    const [total = 0] = histograms['http.response_time'] ?? []
    const [firstByte = 0] = histograms['http.time_to_first_byte'] ?? []
    assert.ok(total - firstByte >= 60, `${total} − ${firstByte}`)
    assert.notEqual(total, Math.round(total))
    assert.notEqual(firstByte, Math.round(firstByte))
    assert.deepEqual(histograms['http.response_time.2xx'], [total])
  })

  test('extendedMetrics: each connection and the total', async () => {
    const { histograms } = await run([{ get: { url: '/text' } }, { get: { url: '/text' } }], {
      http: { extendedMetrics: true },
    })
    for (const name of ['http.dns', 'http.tcp', 'http.tls']) assert.equal(histograms[name]?.length, 1, name)
    assert.equal(histograms['http.total']?.length, 2)
  })
})

describe('traces', () => {
  test('every request carries a traceparent of its own', async () => {
    await run([{ get: { url: '/redirect/302' } }, { get: { url: '/text' } }])
    const seen = server.requests.map(({ headers }) => String(headers.traceparent))
    assert.equal(new Set(seen).size, 3)
    for (const traceparent of seen) assert.match(traceparent, /^00-a9[0-9a-f]{30}-[0-9a-f]{16}-01$/)
  })

  test('distributedTracing: false sends none', async () => {
    await run([{ get: { url: '/text' } }], { http: { distributedTracing: false } })
    assert.equal(server.requests[0]?.headers.traceparent, undefined)
  })

  test('a request without a span carries a plain traceparent', async () => {
    await run([{ get: { url: '/text' } }], {}, { tracer: { startRequest: () => undefined } })
    assert.match(String(server.requests[0]?.headers.traceparent), /^00-a9[0-9a-f]{30}-[0-9a-f]{16}-01$/)
  })

  test('a tracer starts a span for each request and ends it', async () => {
    const spans: { request: OutgoingRequest; outcome?: TracedOutcome }[] = []
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await run(
      [{ get: { url: '/redirect/302', name: 'way' } }, { post: { url: '/status/500' } }, { get: { url: '/reset' } }],
      {},
      {
        tracer: {
          startRequest(request) {
            const span: (typeof spans)[number] = { request }
            spans.push(span)
            return {
              traceparent,
              tracestate: 'a=b',
              end(outcome) {
                span.outcome = outcome
              },
            }
          },
        },
      },
    )
    assert.deepEqual(
      spans.map(({ request, outcome }) => [
        request.method,
        request.name,
        outcome?.statusCode,
        outcome?.error !== undefined,
      ]),
      [
        ['GET', 'way', 302, false],
        ['GET', 'way', 200, false],
        ['POST', '/status/500', 500, false],
        ['GET', '/reset', undefined, true],
      ],
    )
    for (const { headers } of server.requests) {
      assert.equal(headers.traceparent, traceparent)
      assert.equal(headers.tracestate, 'a=b')
    }
  })
})

describe('onRequestEnd', () => {
  test('is called once for each exchange, with a name of few distinct values', async () => {
    const outcomes: RequestOutcome[] = []
    await run(
      [
        { count: 2, loop: [{ get: { url: '/text/{{ $loopCount }}' } }] },
        { get: { url: '/redirect/302', name: 'named' } },
        { get: { url: '/json', match: { json: '$.id', value: 8 } } },
      ],
      {},
      { onRequestEnd: (outcome) => outcomes.push(outcome) },
    )
    assert.deepEqual(
      outcomes.map(({ method, name, statusCode, errorName, downloadedBytes }) => [
        method,
        name,
        statusCode,
        errorName,
        downloadedBytes,
      ]),
      [
        ['GET', '/text/{{ $loopCount }}', 200, undefined, 20],
        ['GET', '/text/{{ $loopCount }}', 200, undefined, 20],
        ['GET', 'named', 302, undefined, 5],
        ['GET', 'named', 200, undefined, 20],
        ['GET', '/json', 200, 'Failed capture or match', 82],
      ],
    )
    assert.ok(outcomes.every(({ sent }) => sent))
    for (const { timeToFirstByteMs = 0, responseTimeMs, startedAtMs } of outcomes) {
      assert.ok(timeToFirstByteMs > 0 && timeToFirstByteMs <= responseTimeMs && startedAtMs > 0)
    }
  })

  for (const [url, expected] of [
    ['/reset', 'ECONNRESET'],
    ['http://127.0.0.1:1/', 'ECONNREFUSED'],
    ['/silent', 'ETIMEDOUT'],
    ['/head-only', 'ETIMEDOUT'],
  ] as const) {
    test(`reports ${expected} for ${url}`, async () => {
      const outcomes: RequestOutcome[] = []
      const { counters } = await run(
        [{ get: { url } }],
        { timeout: 0.3 },
        { onRequestEnd: (outcome) => outcomes.push(outcome) },
      )
      assert.deepEqual(
        outcomes.map(({ errorName }) => errorName),
        [expected],
      )
      assert.equal(counters[`errors.${expected}`], 1)
      assert.equal(counters['http.requests'], 1)
    })
  }
})

describe('connections', () => {
  const CASES: readonly [
    name: string,
    config: Record<string, unknown>,
    options: UndiciEngineOptions,
    expected: number,
  ][] = [
    ['per user: one for each virtual user', {}, {}, 3],
    ['reused: as many as users at a time', {}, { connections: 'reused' }, 1],
    ['pool: shared', { http: { pool: 1 } }, {}, 1],
  ]
  for (const [name, config, options, expected] of CASES) {
    test(name, async () => {
      const engine = new UndiciEngine(
        { config: { target: server.origin, engines: { undici: options }, ...config } },
        new CollectingEvents(),
        helpers,
      )
      const script = {
        config: { target: server.origin },
        scenario: { flow: [{ get: { url: '/text' } }, { get: { url: '/text' } }] },
      }
      const scenario = engine.createScenario(script.scenario, new CollectingEvents())
      const before = server.connections
      for (let user = 0; user < 3; user++) await scenario(createContext(script, helpers))
      assert.equal(server.connections - before, expected)
      await engine.close()
    })
  }

  test('concurrent users share no connection', async () => {
    const script = { config: { target: server.origin }, scenario: { flow: [{ get: { url: '/slow/50' } }] } }
    const engine = new UndiciEngine(
      { config: { ...script.config, engines: { undici: { connections: 'reused' } } } },
      new CollectingEvents(),
      helpers,
    )
    const scenario = engine.createScenario(script.scenario, new CollectingEvents())
    const before = server.connections
    await Promise.all([1, 2, 3].map(() => scenario(createContext(script, helpers))))
    assert.equal(server.connections - before, 3)
    await engine.close()
  })
})

describe('ending', () => {
  const endless = { flow: [{ count: -1, loop: [{ get: { url: '/slow/20' } }] }] }

  test('stop completes the request in flight, sends no other and counts no error', async () => {
    const script = { config: { target: server.origin }, scenario: endless }
    const engine = new UndiciEngine({ config: script.config }, new CollectingEvents(), helpers)
    const events = new CollectingEvents()
    const ended = engine.createScenario(endless, events)(createContext(script, helpers))
    setTimeout(() => engine.stop(), 100)
    await assert.rejects(async () => ended, { code: 'ERR_STOPPED' })
    const { counters } = events.emitted
    assert.equal(counters['http.requests'], counters['http.codes.200'])
    assert.deepEqual(
      Object.keys(counters).filter((name) => name.startsWith('errors.')),
      [],
    )
  })

  test('stop ends a think step, also in a loop and in parallel branches', async () => {
    const flow = [
      { get: { url: '/text' } },
      { parallel: [{ think: 3600 }, { loop: [{ think: '1h' }], count: 2 }] },
      { get: { url: '/text' } },
    ]
    const script = { config: { target: server.origin }, scenario: { flow } }
    const engine = new UndiciEngine({ config: script.config }, new CollectingEvents(), helpers)
    const events = new CollectingEvents()
    const ended = engine.createScenario(script.scenario, events)(createContext(script, helpers))
    while (events.emitted.counters['http.codes.200'] !== 1) await new Promise((resolve) => setTimeout(resolve, 5))
    setTimeout(() => engine.stop(), 50)
    await assert.rejects(async () => ended, { code: 'ERR_STOPPED' })
    assert.equal(events.emitted.counters['http.requests'], 1)
  })

  test('waiting for a connection of the pool is limited by the timeout, and the request is never sent', async () => {
    server.requests = []
    const config = { target: server.origin, http: { pool: 1 } }
    const engine = new UndiciEngine({ config }, new CollectingEvents(), helpers)
    const endings: string[] = []
    const start = async (flow: ScenarioSpec['flow'], name: string): Promise<void> => {
      const script = { config, scenario: { flow } }
      const result = engine.createScenario(script.scenario, new CollectingEvents())(createContext(script, helpers))
      await Promise.resolve(result).then(
        () => endings.push(name),
        (error: unknown) => endings.push(`${name} ${error instanceof Error && 'code' in error ? error.code : error}`),
      )
    }
    const first = start([{ get: { url: '/slow/1500' } }], 'first')
    const second = start([{ get: { url: '/text', timeout: 0.2 } }], 'second')
    await Promise.all([first, second])
    assert.deepEqual(endings, ['second ETIMEDOUT', 'first'])
    await start([{ get: { url: '/json' } }], 'third')
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      ['/slow/1500', '/json'],
    )
    await engine.close()
  })

  test('stop cancels requests that wait for a connection: they are never sent', async () => {
    server.requests = []
    const outcomes: RequestOutcome[] = []
    let sent = 0
    const options: UndiciEngineOptions = {
      onRequestSent: () => sent++,
      onRequestEnd: (outcome) => outcomes.push(outcome),
    }
    const config = { target: server.origin, http: { pool: 1 }, engines: { undici: options } }
    const script = { config, scenario: { flow: [{ get: { url: '/slow/100' } }, { get: { url: '/text' } }] } }
    const engine = new UndiciEngine({ config }, new CollectingEvents(), helpers)
    const events = new CollectingEvents()
    const users = [1, 2, 3].map(async () =>
      Promise.resolve(engine.createScenario(script.scenario, events)(createContext(script, helpers))).then(
        () => 'through',
        (error: Error & { code?: string }) => error.code,
      ),
    )
    while (sent === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    engine.stop()
    assert.deepEqual(await Promise.all(users), ['ERR_STOPPED', 'ERR_STOPPED', 'ERR_STOPPED'])
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      ['/slow/100'],
    )
    assert.equal(sent, 1)
    assert.deepEqual(
      outcomes.map((outcome) => [outcome.sent, outcome.errorName]),
      [
        [false, 'ERR_STOPPED'],
        [false, 'ERR_STOPPED'],
        [true, undefined],
      ],
    )
    assert.deepEqual(
      Object.keys(events.emitted.counters).filter((name) => name.startsWith('errors.')),
      [],
    )
    await engine.close()
  })

  test('close ends requests in flight', async () => {
    const script = { config: { target: server.origin }, scenario: { flow: [{ get: { url: '/silent' } }] } }
    const engine = new UndiciEngine({ config: script.config }, new CollectingEvents(), helpers)
    const ended = engine.createScenario(script.scenario, new CollectingEvents())(createContext(script, helpers))
    setTimeout(() => void engine.close(), 50)
    await assert.rejects(async () => ended)
  })
})

describe('bounds', () => {
  test('a body longer than maxBodyBytes fails the request', async () => {
    const { counters } = await run(
      [{ get: { url: '/json', capture: { json: '$.id', as: 'x' } } }],
      {},
      { maxBodyBytes: 10 },
    )
    assert.equal(counters['errors.ERR_BODY_TOO_LARGE'], 1)
  })

  test('a body that nothing reads may have any length', async () => {
    const { error, counters } = await run([{ get: { url: '/json' } }], {}, { maxBodyBytes: 10 })
    assert.equal(error, undefined)
    assert.equal(counters['http.downloaded_bytes'], 82)
  })
})

describe('allowedOrigins', () => {
  for (const [name, flow, sent] of [
    ['another origin in a step', [{ get: { url: 'http://localhost:1/' } }], 0],
    ['a redirect to another origin', [{ get: { url: '/redirect-away' } }], 1],
    ['an origin by a template', [{ get: { url: 'http://localhost:{{ $randomNumber(1, 9) }}/' } }], 0],
  ] as const) {
    test(`refuses ${name}`, async () => {
      const { counters } = await run([...flow], {}, { allowedOrigins: [server.origin] })
      assert.equal(counters['errors.ERR_ORIGIN_NOT_ALLOWED'], 1)
      assert.equal(counters['http.requests'] ?? 0, sent)
      assert.equal(server.requests.length, sent)
    })
  }

  test('allows its origins with any path', async () => {
    const { error } = await run([{ get: { url: '/redirect/302' } }], {}, { allowedOrigins: [`${server.origin}/base`] })
    assert.equal(error, undefined)
    assert.equal(server.requests.length, 2)
  })
})

for (const step of [{ get: '/text' }, { gett: { url: '/text' } }, {}]) {
  test(`the step ${JSON.stringify(step)} is refused when the scenario is compiled`, () => {
    const engine = new UndiciEngine({ config: { target: server.origin } }, new CollectingEvents(), helpers)
    assert.throws(
      () => engine.createScenario({ flow: [step] }, new CollectingEvents()),
      (error: Error & { code?: string }) =>
        error.code === 'ERR_SCRIPT' &&
        error.message.startsWith(`A step of the flow is ${JSON.stringify(step)}: use a request`),
    )
  })
}

test('HTTP_PROXY: requests go through a tunnel', async () => {
  const tunnels: string[] = []
  const proxy = createHttpServer()
  proxy.on('connect', (request, socket) => {
    tunnels.push(String(request.url))
    const [host, port] = String(request.url).split(':')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  process.env.HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  try {
    const { error } = await run([{ get: { url: '/text' } }])
    assert.equal(error, undefined)
    assert.deepEqual(tunnels, [new URL(server.origin).host])
  } finally {
    delete process.env.HTTP_PROXY
    proxy.close()
    proxy.closeAllConnections()
  }
})

describe('TLS', { skip: hasOpenssl() ? false : 'openssl is not on this machine' }, () => {
  let origin: string
  let certificate: string
  let close: () => void

  before(async () => {
    const { key, cert } = createCertificate()
    certificate = cert
    const secure = createHttpsServer({ key, cert }, (_request, response) => response.end('ok'))
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
    origin = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`
    close = () => {
      secure.close()
      secure.closeAllConnections()
    }
  })

  after(() => close())

  test('an unknown certificate is an error', async () => {
    const { counters } = await run([{ get: { url: `${origin}/` } }])
    assert.equal(counters['errors.DEPTH_ZERO_SELF_SIGNED_CERT'], 1)
  })

  test('rejectUnauthorized: false accepts it', async () => {
    const { counters } = await run([{ get: { url: `${origin}/` } }], { tls: { rejectUnauthorized: false } })
    assert.equal(counters['http.codes.200'], 1)
  })

  test('ca makes it trusted', async () => {
    const { counters } = await run([{ get: { url: `${origin}/` } }], { tls: { ca: certificate } })
    assert.equal(counters['http.codes.200'], 1)
  })
})
