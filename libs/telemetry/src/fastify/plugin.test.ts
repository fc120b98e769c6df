import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get, request, ServerResponse } from 'node:http'
import { type ClientHttp2Stream, connect, constants } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import Fastify, { type FastifyInstance } from 'fastify'
import { http2Instance } from '../../test/listening.ts'
import { type Recording, startRecording, TEST_METRICS } from '../../test/recording.ts'
import type { Telemetry } from '../telemetry.ts'
import { fastifyTelemetry } from './plugin.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

interface Instrumented extends Recording {
  readonly app: FastifyInstance
}

/** A service of four routes with the plugin, whose spans go to `destination`. */
async function instrumented(
  destination: 'otlp' | 'google_cloud_trace' | 'none' = 'otlp',
  app: FastifyInstance = Fastify(),
): Promise<Instrumented> {
  const recording = await startRecording(destination)
  const { logger } = recording
  await app.register(fastifyTelemetry, { telemetry: recording.telemetry, metrics: TEST_METRICS })
  app.get('/', (_request, reply) => reply.send('hello'))
  app.get('/users/:id', (_request, reply) => reply.send('a user'))
  app.get('/broken', () => {
    throw new Error('out of order')
  })
  app.get('/active', (_request, reply) => {
    trace.getTracer('inside').startSpan('child').end()
    logger.info('inside')
    reply.send(String(trace.getSpan(context.active())?.spanContext().spanId))
  })
  return { app, ...recording }
}

for (const { url, method = 'GET', name, attributes, status } of [
  { url: '/', name: 'GET /', attributes: { 'http.route': '/', 'url.path': '/' }, status: 200 },
  {
    url: '/?q=1&sig=secret&X-Goog-Signature=secret&r=2',
    name: 'GET /',
    attributes: {
      'http.route': '/',
      'url.path': '/',
      'url.query': 'q=1&sig=REDACTED&X-Goog-Signature=REDACTED&r=2',
    },
    status: 200,
  },
  {
    url: '/users/7',
    name: 'GET /users/:id',
    attributes: { 'http.route': '/users/:id', 'url.path': '/users/7' },
    status: 200,
  },
  { url: '/nowhere', method: 'POST', name: 'POST', attributes: { 'url.path': '/nowhere' }, status: 404 },
] as const) {
  test(`${method} ${url} creates one SERVER span, "${name}"`, async () => {
    const { app, spans } = await instrumented()
    await app.inject({ method, url })
    assert.equal(spans().length, 1)
    assert.equal(spans()[0]?.name, name)
    assert.equal(spans()[0]?.kind, SpanKind.SERVER)
    assert.equal(spans()[0]?.status.code, SpanStatusCode.UNSET)
    assert.deepEqual(spans()[0]?.attributes, {
      'http.request.method': method,
      'url.scheme': 'http',
      'http.response.status_code': status,
      'client.address': '127.0.0.1',
      ...attributes,
    })
    await app.close()
  })
}

test('a request that its handler passes on with callNotFound keeps the route of its span; metrics count it as unmatched', async () => {
  const { app, registry, spans } = await instrumented()
  app.get('/files/*', (_request, reply) => reply.callNotFound())
  await app.inject('/files/none')
  assert.equal(spans()[0]?.name, 'GET /files/*')
  assert.equal(spans()[0]?.attributes['http.route'], '/files/*')
  assert.match(await registry.metrics(), /duration_seconds_count\{method="GET",path="unmatched",status="404"\} 1/)
  await app.close()
})

test('a method that the conventions do not know is _OTHER, with its own name in another attribute', async () => {
  const { app, spans } = await instrumented()
  await app.listen({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve, reject) => {
    const { port } = app.server.address() as AddressInfo
    request({ port, host: '127.0.0.1', method: 'PROPFIND', path: '/nowhere' }, (response) =>
      response.resume().once('end', resolve),
    )
      .once('error', reject)
      .end()
  })
  assert.equal(spans()[0]?.name, 'HTTP')
  assert.equal(spans()[0]?.attributes['http.request.method'], '_OTHER')
  assert.equal(spans()[0]?.attributes['http.request.method_original'], 'PROPFIND')
  await app.close()
})

test('an unhandled error is on the span, and makes its status an error', async () => {
  const { app, spans, registry } = await instrumented()
  const response = await app.inject('/broken')
  assert.equal(response.statusCode, 500)
  const [span] = spans()
  assert.equal(span?.status.code, SpanStatusCode.ERROR)
  assert.equal(span?.attributes['error.type'], '500')
  assert.equal(span?.events[0]?.attributes?.['exception.message'], 'out of order')
  assert.match(await registry.metrics(), /^exceptions_total\{method="GET",status="500"\} 1$/m)
  await app.close()
})

test('an unhandled error leaves its stack in the log once, as Cloud Error Reporting reads it', async () => {
  const { app, spans, lines } = await instrumented()
  await app.inject('/broken')
  const errors = lines().filter(({ severity }) => severity === 'ERROR')
  assert.equal(errors.length, 1)
  const { message, stack_trace, serviceContext, 'logging.googleapis.com/trace': traceId } = errors[0] ?? {}
  assert.equal(message, 'out of order')
  assert.match(String(stack_trace), /^Error: out of order\n {4}at .*plugin\.test\.ts/)
  assert.deepEqual(serviceContext, { service: 'test', version: '1.2.3' })
  assert.equal(traceId, spans()[0]?.spanContext().traceId)
  await app.close()
})

for (const [title, url, status] of [
  ["to which the application's error handler responds with 409", '/conflict', 409],
  ['that is sent with 404', '/missing', 404],
] as const) {
  test(`an error ${title} is not an exception of the service`, async () => {
    const { app, spans, registry, lines } = await instrumented()
    app.setErrorHandler((_error, _request, reply) => reply.code(reply.statusCode === 404 ? 404 : 409).send('handled'))
    app.get('/conflict', () => {
      throw new Error('a conflict')
    })
    app.get('/missing', (_request, reply) => reply.code(404).send(new Error('missing')))
    assert.equal((await app.inject(url)).statusCode, status)
    assert.deepEqual(spans()[0]?.events, [])
    assert.doesNotMatch(await registry.metrics(), /^exceptions_total\{/m)
    assert.deepEqual(new Set(lines().map(({ severity }) => severity)), new Set(['INFO']))
    await app.close()
  })
}

test('an error that is thrown in onSend is one exception', async () => {
  const { app, spans, registry } = await instrumented()
  app.addHook('onSend', async () => {
    throw new Error('out of order')
  })
  assert.equal((await app.inject('/')).statusCode, 500)
  assert.equal(spans()[0]?.events.length, 1)
  assert.match(await registry.metrics(), /^exceptions_total\{method="GET",status="500"\} 1$/m)
  await app.close()
})

test('a route with disableMetrics has no metrics, but a span and a log line', async () => {
  const { app, spans, lines, registry } = await instrumented()
  app.get('/quiet', { config: { disableMetrics: true } }, async () => 'hello')
  await app.inject('/quiet')
  assert.doesNotMatch(await registry.metrics(), /_(count|total)\{/)
  assert.equal(spans().length, 1)
  assert.equal(lines().length, 1)
  await app.close()
})

test('secrets in a query are redacted in log lines as in spans', async () => {
  const { app, lines } = await instrumented()
  await app.inject('/?q=1&sig=secret&X-Goog-Signature=secret')
  assert.doesNotMatch(JSON.stringify(lines()), /secret/)
  assert.equal(lines()[0]?.message, 'GET /?q=1&sig=REDACTED&X-Goog-Signature=REDACTED 200')
  await app.close()
})

test("the caller's trace context is the parent of the span", async () => {
  const { app, spans } = await instrumented()
  await app.inject({ url: '/', headers: { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` } })
  assert.equal(spans()[0]?.spanContext().traceId, TRACE_ID)
  assert.equal(spans()[0]?.parentSpanContext?.spanId, SPAN_ID)
  await app.close()
})

test("a caller's decision not to sample is honored: no span, no exemplar, and the log line says so", async () => {
  const { app, spans, lines, registry } = await instrumented()
  await app.inject({ url: '/', headers: { traceparent: `00-${TRACE_ID}-${SPAN_ID}-00` } })
  assert.deepEqual(spans(), [])
  assert.equal(lines()[0]?.['logging.googleapis.com/trace'], TRACE_ID)
  assert.equal(lines()[0]?.['logging.googleapis.com/trace_sampled'], false)
  assert.doesNotMatch(JSON.stringify(await registry.getMetricsAsJSON()), /trace_id/)
  await app.close()
})

test('the span is active in the handler: spans and log lines made there belong to it', async () => {
  const { app, spans, lines } = await instrumented()
  const { body } = await app.inject('/active')
  const server = spans().find(({ kind }) => kind === SpanKind.SERVER)
  const child = spans().find(({ name }) => name === 'child')
  assert.equal(body, server?.spanContext().spanId)
  assert.equal(child?.parentSpanContext?.spanId, server?.spanContext().spanId)
  const inside = lines().find(({ message }) => message === 'inside')
  assert.equal(inside?.['logging.googleapis.com/spanId'], server?.spanContext().spanId)
  await app.close()
})

test("Cloud Trace's exporter gets the older attributes that it knows", async () => {
  const { app, spans } = await instrumented('google_cloud_trace')
  await app.inject('/users/7?q=1')
  const { attributes } = spans()[0] ?? {}
  assert.equal(attributes?.['http.method'], 'GET')
  assert.equal(attributes?.['http.url'], 'http://localhost:80/users/7')
  assert.equal(attributes?.['http.status_code'], 200)
  await app.close()
})

test('if traces are not exported, no span is created, and the log line has no trace', async () => {
  const { app, spans, lines } = await instrumented('none')
  await app.inject('/')
  assert.deepEqual(spans(), [])
  assert.equal('logging.googleapis.com/trace' in (lines()[0] ?? {}), false)
  await app.close()
})

test('one log line per request, as Cloud Logging reads it, linked to the span', async () => {
  const { app, spans, lines } = await instrumented()
  await app.inject({ url: '/users/7?q=1', headers: { 'user-agent': 'test/1' } })
  assert.equal(lines().length, 1)
  const { time, pid, httpRequest, ...line } = lines()[0] ?? {}
  const span = spans()[0]?.spanContext()
  assert.deepEqual(line, {
    severity: 'INFO',
    message: 'GET /users/7?q=1 200',
    'logging.googleapis.com/trace': span?.traceId,
    'logging.googleapis.com/spanId': span?.spanId,
    'logging.googleapis.com/trace_sampled': true,
  })
  assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000)
  assert.equal(pid, process.pid)
  const { latency, ...rest } = httpRequest as Record<string, unknown>
  assert.deepEqual(rest, {
    requestMethod: 'GET',
    requestUrl: '/users/7?q=1',
    status: 200,
    userAgent: 'test/1',
    remoteIp: '127.0.0.1',
  })
  assert.match(String(latency), /^\d+\.\d{6}s$/)
  await app.close()
})

test('client input stays inside its field of the line', async () => {
  const { app, lines } = await instrumented()
  const sent = 'a"b\\c\u0001\u20ac'
  await app.inject({ url: `/users/7?q=${sent}`, headers: { 'user-agent': sent } })
  const { httpRequest, message } = lines()[0] ?? {}
  const { requestUrl, userAgent } = httpRequest as Record<string, unknown>
  assert.equal(message, `GET ${requestUrl} 200`)
  assert.equal(userAgent, sent)
  await app.close()
})

test('a line has the fields of its own request, whatever the previous one was', async () => {
  const { app, spans, lines } = await instrumented()
  await Promise.all([app.inject('/users/1'), app.inject('/users/2')])
  await app.inject('/users/3')
  const traceIds = lines().map((line) => line['logging.googleapis.com/trace'])
  assert.deepEqual(
    traceIds,
    spans().map((span) => span.spanContext().traceId),
  )
  assert.equal(new Set(traceIds).size, 3)
  await app.close()
})

test('no line per request once the logger writes only warnings and errors', async () => {
  const { app, lines, logger } = await instrumented()
  await app.inject('/')
  logger.level = 'warn'
  await app.inject('/')
  assert.equal(lines().length, 1)
  await app.close()
})

test('the bucket of a sampled request has its trace as an exemplar', async () => {
  const { app, spans, registry } = await instrumented()
  await app.inject('/')
  const [metric] = await registry.getMetricsAsJSON()
  const values = (metric?.values ?? []) as { exemplar?: { labelSet: unknown; timestamp: number } }[]
  const exemplars = values.flatMap(({ exemplar }) => exemplar ?? [])
  const [seconds = 0, nanoseconds = 0] = spans()[0]?.endTime ?? []
  assert.deepEqual(
    exemplars.map(({ labelSet }) => labelSet),
    [{ trace_id: spans()[0]?.spanContext().traceId, span_id: spans()[0]?.spanContext().spanId }],
  )
  assert.ok(Math.abs((exemplars[0]?.timestamp ?? 0) - (seconds + nanoseconds / 1e9)) < 1e-5)
  assert.ok(Math.abs(Date.now() / 1000 - seconds) < 10)
  await app.close()
})

for (const destination of ['otlp', 'none'] as const) {
  test(`a request whose client leaves before the response has its ${destination === 'none' ? '' : 'span and its '}line`, async () => {
    const { app, spans, lines } = await instrumented(destination)
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    const { promise: gone, resolve: go } = Promise.withResolvers<void>()
    app.get('/slow', async (request) => {
      request.raw.socket.once('close', go)
      arrive()
      await gone
      return 'too late'
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    const sending = request({ port, host: '127.0.0.1', path: '/slow' }).once('error', () => {})
    sending.end()
    await arrived
    sending.destroy()
    await gone
    await setTimeout(20)
    await app.close()
    assert.deepEqual(
      lines().map(({ message }) => message),
      ['GET /slow 499'],
    )
    if (destination === 'none') return
    assert.equal(spans().length, 1)
    const [span] = spans()
    assert.equal(span?.name, 'GET /slow')
    assert.equal(span?.status.code, SpanStatusCode.ERROR)
    assert.equal(span?.attributes['error.type'], 'ECONNRESET')
    assert.equal(span?.attributes['http.response.status_code'], undefined)
  })
}

test('a connection that is closed after its responses has no request in flight', async () => {
  const { app, spans, lines } = await instrumented()
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let count = 0; count < 3; count++) {
    const [response] = await once(get({ port, host: '127.0.0.1', agent }), 'response')
    response.resume()
    await once(response, 'end')
  }
  agent.destroy()
  await app.close()
  assert.equal(spans().length, 3)
  assert.deepEqual(
    lines().map(({ message }) => message),
    ['GET / 200', 'GET / 200', 'GET / 200'],
  )
})

test('a span is as long as the duration in the metrics, even across the end of a second', async () => {
  const { app, spans, registry } = await instrumented()
  app.get('/slow', async () => {
    await setTimeout(1010)
    return 'late'
  })
  await app.inject('/slow')
  const [seconds = 0, nanoseconds = 0] = spans()[0]?.duration ?? []
  const sum = Number(/^duration_seconds_sum\{.+\} (.+)$/m.exec(await registry.metrics())?.[1])
  assert.ok(sum >= 1.009, String(sum))
  assert.ok(Math.abs(seconds + nanoseconds / 1e9 - sum) < 1e-6, `${seconds} s and ${nanoseconds} ns; ${sum} s`)
  await app.close()
})

test('a duration is that of its own request, from its arrival to the end of its response', async () => {
  const { app, registry } = await instrumented('none')
  app.get('/slow', async () => {
    await setTimeout(50)
    return 'late'
  })
  await Promise.all([app.inject('/slow'), app.inject('/'), app.inject('/slow')])
  const text = await registry.metrics()
  const sumOf = (path: string) =>
    Number(new RegExp(`^duration_seconds_sum\\{method="GET",path="${path}",status="200"\\} (.+)$`, 'm').exec(text)?.[1])
  assert.ok(sumOf('/slow') >= 0.098 && sumOf('/slow') < 1, text)
  assert.ok(sumOf('/') > 0 && sumOf('/') < 0.04, text)
  await app.close()
})

test('requests are counted by method and status; 1,000 URLs without a route share one path', async () => {
  const { app, registry } = await instrumented('none')
  await app.inject('/')
  for (let index = 0; index < 1000; index++) await app.inject(`/nowhere/${index}`)
  const text = await registry.metrics()
  assert.match(text, /^requests_total\{method="GET",status="200"\} 1$/m)
  assert.match(text, /^requests_total\{method="GET",status="404"\} 1000$/m)
  assert.match(text, /^duration_seconds_count\{method="GET",path="unmatched",status="404"\} 1000$/m)
  assert.equal(text.match(/^duration_seconds_count/gm)?.length, 2)
  await app.close()
})

for (const { how, send, line } of [
  { how: 'is answered', send: (sent: ClientHttp2Stream) => once(sent.resume(), 'end'), line: 'GET / 200' },
  { how: 'is abandoned by its client', send: async () => {}, line: 'GET /never 499' },
]) {
  test(`an HTTP/2 request that ${how} has one line and one span`, async () => {
    const { app, spans, lines } = await instrumented('otlp', http2Instance())
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    app.get('/never', (_request, reply) => {
      reply.hijack()
      arrive()
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`).on('error', () => {})
    const path = line.split(' ')[1]
    const sent = session.request({ ':path': path }).on('error', () => {})
    await send(sent)
    if (path === '/never') await arrived
    session.destroy()
    await setTimeout(50)
    await app.close()
    assert.deepEqual(
      lines().map(({ message }) => message),
      [line],
    )
    assert.equal(spans().length, 1)
  })
}

test('an HTTP/2 stream that its client cancels is one whose client left', async () => {
  const { app, lines, spans } = await instrumented('otlp', http2Instance())
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  app.get('/never', (_request, reply) => {
    reply.hijack()
    arrive()
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  const sent = session.request({ ':path': '/never' }).on('error', () => {})
  await arrived
  sent.close(constants.NGHTTP2_CANCEL)
  while (lines().length === 0) await setTimeout(5)
  session.destroy()
  await app.close()
  assert.deepEqual(
    lines().map(({ message }) => message),
    ['GET /never 499'],
  )
  assert.equal(spans()[0]?.attributes['error.type'], 'ECONNRESET')
})

test('an upgrade that a route responds to has its line, its span and its count', async () => {
  const { app, spans, lines, registry } = await instrumented()
  app.get('/socket', (_request, reply) => reply.code(401).send('who are you?'))
  await app.listen({ port: 0, host: '127.0.0.1' })
  app.server.on('upgrade', (upgrade, socket: Socket) => {
    const response = new ServerResponse(upgrade)
    response.assignSocket(socket)
    response.once('finish', () => socket.end())
    app.routing(upgrade, response)
  })
  const { port } = app.server.address() as AddressInfo
  const headers = { connection: 'upgrade', upgrade: 'websocket' }
  const [response] = await once(get({ port, host: '127.0.0.1', path: '/socket', headers }), 'response')
  await once(response.resume(), 'end')
  await app.close()
  assert.deepEqual(
    lines().map(({ message }) => message),
    ['GET /socket 401'],
  )
  assert.equal(spans().length, 1)
  assert.match(await registry.metrics(), /duration_seconds_count\{method="GET",path="\/socket",status="401"\} 1/)
})

test('a request that cannot be recorded is answered, and the error is logged', async () => {
  const { app, lines } = await instrumented()
  app.get('/broken-span', (_request, reply) => {
    const span = trace.getSpan(context.active())
    if (span !== undefined)
      span.end = () => {
        throw new Error('no room for a span')
      }
    return reply.send('hello')
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const response = await fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/broken-span`)
  assert.equal(await response.text(), 'hello')
  await app.close()
  assert.deepEqual(
    lines().map(({ severity, message }) => ({ severity, message })),
    [{ severity: 'ERROR', message: 'A request could not be recorded.' }],
  )
})

test('the plugin is registered once, where it sees every request', async () => {
  const { app } = await instrumented()
  const options = { telemetry: {} as Telemetry }
  await assert.rejects(async () => {
    await app.register(async (scope) => {
      await scope.register(fastifyTelemetry, options)
    })
  }, /already registered/)
})
