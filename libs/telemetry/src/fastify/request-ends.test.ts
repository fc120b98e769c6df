import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, ServerResponse } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import Fastify from 'fastify'
import { http2Instance, listening, untilLines } from '../../test/listening.ts'
import { type Recording, startRecording, TEST_METRICS } from '../../test/recording.ts'
import { fastifyTelemetry } from './plugin.ts'

const messagesOf = (recording: Recording) => recording.lines().map(({ message }) => message)

/** The response of a server to bytes on a connection of their own. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  return text(socket)
}

test('a WebSocket that closes is not an error of its client', async () => {
  const service = await listening((app) => {
    app.get('/socket', (request, reply) => {
      reply.hijack()
      request.raw.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    })
    app.server.on('upgrade', (upgrade, socket: Socket) => {
      const answer = new ServerResponse(upgrade)
      answer.assignSocket(socket)
      socket.resume().once('end', () => socket.end())
      app.routing(upgrade, answer)
    })
  })
  const headers = { connection: 'upgrade', upgrade: 'websocket' }
  const [, socket] = (await once(get(`${service.url}/socket`, { headers }), 'upgrade')) as [unknown, Socket]
  assert.deepEqual(messagesOf(service), [])
  socket.end()
  await untilLines(service, 1)
  await service.app.close()
  assert.deepEqual(messagesOf(service), ['GET /socket 101'])
  const [span] = service.spans()
  assert.equal(span?.attributes['http.response.status_code'], 101)
  assert.equal(span?.status.code, SpanStatusCode.UNSET)
})

for (const { protocol, make, answerOf } of [
  {
    protocol: 'HTTP/1.1',
    make: () => Fastify(),
    answerOf: (url: string) => fetch(url).then((answer) => answer.text()),
  },
  {
    protocol: 'HTTP/2',
    make: http2Instance,
    answerOf: async (url: string) => {
      const session = connectHttp2(url)
      try {
        return await text(session.request({ ':path': new URL(url).pathname }))
      } finally {
        session.destroy()
      }
    },
  },
]) {
  test(`a stream over ${protocol} that fails after the headers is the service's fault: its error is in the span, the log and the exceptions`, async () => {
    const service = await listening((app) => {
      app.get('/stream', (_request, reply) =>
        reply.send(
          Readable.from(
            (async function* () {
              yield 'the start'
              await setTimeout(20)
              throw new Error('the disk is gone')
            })(),
          ),
        ),
      )
    }, make())
    await answerOf(`${service.url}/stream`).catch(() => {})
    await untilLines(service, 2)
    await service.app.close()
    assert.deepEqual(
      service.lines().map(({ severity, message }) => `${severity} ${message}`),
      ['ERROR the disk is gone', 'INFO GET /stream 200'],
    )
    const [span] = service.spans()
    assert.equal(span?.status.code, SpanStatusCode.ERROR)
    assert.equal(span?.status.message, 'the disk is gone')
    assert.equal(span?.attributes['error.type'], 'Error')
    assert.equal(span?.attributes['http.response.status_code'], 200)
    assert.equal(span?.events[0]?.attributes?.['exception.message'], 'the disk is gone')
    const metrics = await service.registry.metrics()
    assert.match(metrics, /^exceptions_total\{method="GET",status="500"\} 1$/m)
    assert.match(metrics, /^requests_total\{method="GET",status="200"\} 1$/m)
  })
}

test('a client that leaves in the middle of a stream is still one that left', async () => {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  const service = await listening((app) => {
    app.get('/stream', (_request, reply) => {
      const stream = new Readable({ read() {} }).once('close', close)
      stream.push('the start')
      return reply.send(stream)
    })
  })
  const socket = connect(service.port, '127.0.0.1')
  socket.write('GET /stream HTTP/1.1\r\nHost: test\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()
  await closed
  await untilLines(service, 1)
  await service.app.close()
  assert.deepEqual(messagesOf(service), ['GET /stream 499'])
  assert.doesNotMatch(await service.registry.metrics(), /^exceptions_total\{/m)
})

test('each of several requests that one client sends at once and abandons has its line', async () => {
  let arrived = 0
  const service = await listening((app) => {
    app.get('/never/:id', (_request, reply) => {
      arrived++
      reply.hijack()
    })
  })
  const socket = connect(service.port, '127.0.0.1')
  const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`
  socket.write(request('/') + request('/never/1') + request('/never/2') + request('/never/3'))
  while (arrived < 3) await setTimeout(5)
  socket.destroy()
  await untilLines(service, 4)
  await service.app.close()
  assert.deepEqual(messagesOf(service), ['GET / 200', 'GET /never/1 499', 'GET /never/2 499', 'GET /never/3 499'])
  assert.equal(service.spans().length, 4)
})

for (const { what, bytes, line, hasSpan = true, method = 'GET' } of [
  {
    what: 'a tunnel',
    bytes: 'CONNECT example.com:443 HTTP/1.1',
    line: 'CONNECT example.com:443 501',
    method: 'CONNECT',
  },
  { what: 'the server as a whole', bytes: 'OPTIONS * HTTP/1.1', line: 'OPTIONS * 404', method: 'OPTIONS' },
  { what: 'a target that cannot be decoded', bytes: 'GET /%zz HTTP/1.1', line: 'GET /%zz 400' },
  {
    what: 'a parameter that is too long',
    bytes: `GET /of/${'x'.repeat(101)} HTTP/1.1`,
    line: `GET /of/${'x'.repeat(101)} 414`,
  },
  {
    what: 'input that is not HTTP',
    bytes: 'BREW /coffee',
    line: 'malformed request 400',
    hasSpan: false,
    method: '_OTHER',
  },
  {
    what: 'headers that are too long',
    bytes: `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`,
    line: 'malformed request 431',
    hasSpan: false,
    method: '_OTHER',
  },
]) {
  test(`${what} has its line and its count`, async () => {
    const service = await listening((app) => app.get('/of/:id', async () => 'never'))
    const answer = await exchange(service.port, `${bytes}\r\nHost: test\r\nConnection: close\r\n\r\n`)
    await untilLines(service, 1)
    await service.app.close()
    const status = line.slice(-3)
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
    assert.deepEqual(messagesOf(service), [line])
    assert.equal(service.spans().length, hasSpan ? 1 : 0)
    const metrics = await service.registry.metrics()
    assert.match(
      metrics,
      new RegExp(`^duration_seconds_count\\{method="${method}",path="unmatched",status="${status}"\\} 1$`, 'm'),
    )
  })
}

for (const { what, body, status, options } of [
  {
    what: 'does not arrive in time',
    body: 'half',
    status: 408,
    options: { requestTimeout: 100, connectionsCheckingInterval: 50 },
  },
  { what: 'is not chunked as announced', body: 'no chunk\r\n', status: 400, options: {} },
])
  test(`a request whose body ${what} has one line, and counts once`, async () => {
    const { requestTimeout = 0, ...http } = options
    const app = Fastify({ requestTimeout, http })
    const service = await listening((instance) => instance.post('/of/:id', async () => 'never'), app)
    const encoding = status === 408 ? 'Content-Length: 10' : 'Transfer-Encoding: chunked'
    const head = `POST /of/7 HTTP/1.1\r\nHost: test\r\nContent-Type: text/plain\r\n${encoding}\r\n\r\n`
    const answer = await exchange(service.port, `${head}${body}`)
    await untilLines(service, 1)
    await service.app.close()
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
    assert.deepEqual(messagesOf(service), [`POST /of/7 ${status}`])
    assert.deepEqual(
      service.spans().map(({ attributes }) => attributes['http.response.status_code']),
      [status],
    )
    const counts = (await service.registry.metrics()).match(/^duration_seconds_count.*$/gm)
    assert.deepEqual(counts, [`duration_seconds_count{method="POST",path="/of/:id",status="${status}"} 1`])
  })

test('a connection that is opened and closed without a request has no line', async () => {
  const service = await listening(() => {})
  const accepted = once(service.app.server, 'connection')
  const socket = connect(service.port, '127.0.0.1')
  await accepted
  socket.destroy()
  await (await fetch(service.url)).text()
  await service.app.close()
  assert.deepEqual(messagesOf(service), ['GET / 200'])
})

test('a handler that reads its body by events keeps its span, and so does everything it calls', async () => {
  const service = await listening((app) => {
    app.addContentTypeParser('application/x-events', (_request, payload, done) => done(null, payload))
    app.post('/events', (request, reply) => {
      const seen: (string | undefined)[] = []
      const see = () => seen.push(trace.getSpan(context.active())?.spanContext().spanId)
      request.raw.on('data', see)
      request.raw.on('end', () => {
        see()
        service.logger.info('read')
        reply.send(seen)
      })
    })
  })
  const socket = connect(service.port, '127.0.0.1')
  socket.write(
    'POST /events HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/x-events\r\nContent-Length: 10\r\n\r\n01234',
  )
  await setTimeout(50)
  socket.write('56789')
  const seen = JSON.parse((await text(socket)).split('\r\n\r\n')[1] ?? '') as unknown[]
  await service.app.close()
  const { spanId } = service.spans()[0]?.spanContext() ?? assert.fail('no span')
  assert.deepEqual(new Set(seen), new Set([spanId]))
  assert.equal(service.lines().find(({ message }) => message === 'read')?.['logging.googleapis.com/spanId'], spanId)
})

test('a target in absolute form is routed by its path, and its host is that of the target', async () => {
  const service = await listening((app) => app.get('/where/:id', async ({ host, url }) => `${host} ${url}`))
  const answer = await exchange(
    service.port,
    'GET http://example.com:8080/where/7?q=1 HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n',
  )
  await untilLines(service, 1)
  await service.app.close()
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
  assert.ok(answer.endsWith('\r\n\r\nexample.com:8080 /where/7?q=1'), answer)
  assert.deepEqual(messagesOf(service), ['GET /where/7?q=1 200'])
  assert.equal(service.spans()[0]?.attributes['http.route'], '/where/:id')
})

test('two instances share one telemetry: their requests are counted together', async () => {
  const first = await listening(() => {})
  const second = Fastify()
  await second.register(fastifyTelemetry, { telemetry: first.telemetry, metrics: TEST_METRICS })
  second.get('/', async () => 'hello')
  await first.app.inject('/')
  await second.inject('/')
  assert.match(await first.registry.metrics(), /^requests_total\{method="GET",status="200"\} 2$/m)
  await first.shutdown.begin('test')
  await assert.rejects(async () => {
    await Fastify().register(fastifyTelemetry, {
      telemetry: first.telemetry,
      metrics: { ...TEST_METRICS, durationBuckets: [5] },
    })
  }, /^RangeError: the metrics of requests named duration_seconds are already registered with other options/)
})

for (const { metrics, expected } of [
  {
    metrics: { requestsName: 'hits_total', exceptionsName: 'failures_total' },
    expected: [
      'http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/",http_response_status_code="500",le="0.005"}',
      'hits_total{http_request_method="GET",http_response_status_code="500"} 1',
      'failures_total{http_request_method="GET",http_response_status_code="500"} 1',
    ],
  },
  {
    metrics: { durationName: 'took_seconds' },
    expected: [
      'took_seconds_bucket{http_request_method="GET",http_route="/",http_response_status_code="500",le="0.005"}',
    ],
  },
  {
    metrics: { durationBuckets: [60] },
    expected: [
      'http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/",http_response_status_code="500",le="60"} 1',
    ],
  },
  {
    metrics: { requestsName: 'hits_total', labels: { route: 'path' } },
    expected: [
      'http_server_request_duration_seconds_bucket{http_request_method="GET",path="/",http_response_status_code="500",le="0.005"}',
      'hits_total{http_request_method="GET",http_response_status_code="500"} 1',
    ],
  },
])
  test(`metrics: ${JSON.stringify(metrics)} changes these, and the rest stays as by default`, async () => {
    const { telemetry, registry } = await startRecording('none')
    const app = Fastify()
    await app.register(fastifyTelemetry, { telemetry, metrics })
    app.get('/', () => {
      throw new Error('out of order')
    })
    await app.inject('/')
    const exposition = await registry.metrics()
    for (const line of expected) assert.ok(exposition.includes(line), `${line} is not in:\n${exposition}`)
    await telemetry.shutdown.begin('test')
  })
