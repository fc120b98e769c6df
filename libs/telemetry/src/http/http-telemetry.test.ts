import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  createServer,
  get,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  createSecureServer as createSecureHttp2Server,
} from 'node:http2'
import { get as getSecurely } from 'node:https'
import { createRequire } from 'node:module'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { PassThrough, pipeline } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { context as contextApi, SpanKind, trace } from '@opentelemetry/api'
import { untilLines } from '../../test/listening.ts'
import { startRecording, TEST_METRICS } from '../../test/recording.ts'
import { makeSelfSigned } from '../../test/testing/self-signed.ts'
import { type HttpTelemetryOptions, httpTelemetry, recordError, setRoute } from './http-telemetry.ts'

/** The part of Express 5 that is used here; its types are a separate package. */
interface ExpressRouter extends RequestListener {
  get(path: string, handler: (request: IncomingMessage, response: ServerResponse) => unknown): void
  use(...args: (string | ((...args: never[]) => unknown))[]): void
}
interface ExpressModule {
  (): ExpressRouter
  Router(): ExpressRouter
}
/** The part of Koa 3 that is used here. */
interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly path: string
  body: string
}
interface KoaModule {
  new (): {
    use(middleware: (context: KoaContext) => unknown): void
    on(event: 'error', listener: (error: unknown, context: KoaContext) => void): void
    callback(): RequestListener
  }
}

const require = createRequire(import.meta.url)
const express: ExpressModule = require('express')
const Koa: KoaModule = require('koa')

const answerActive = (response: ServerResponse) =>
  response.end(String(trace.getSpan(contextApi.active())?.spanContext().spanId))

function expressApp(): RequestListener {
  const app = express()
  app.get('/', (_request, response) => answerActive(response))
  const users = express.Router()
  users.get('/:id', (_request, response) => response.end('a user'))
  app.use('/users', users)
  app.get('/broken', async () => {
    throw new Error('out of order')
  })
  app.use((error: Error, _request: IncomingMessage, response: ServerResponse, next: (error: Error) => void) => {
    recordError(response, error)
    next(error)
  })
  return app
}

function koaApp(): RequestListener {
  const app = new Koa()
  app.use((context) => {
    const { path, req } = context
    setRoute(req, path.startsWith('/users/') ? '/users/:id' : path === '/nowhere' ? undefined : path)
    if (path === '/') {
      context.body = String(trace.getSpan(contextApi.active())?.spanContext().spanId)
    } else if (path === '/broken') {
      throw new Error('out of order')
    } else if (path !== '/nowhere') {
      context.body = 'a user'
    }
  })
  app.on('error', (error, { res }) => recordError(res, error))
  return app.callback()
}

const plainApp: RequestListener = (request, response) => {
  const { pathname } = new URL(request.url ?? '', 'http://test')
  if (pathname === '/') {
    setRoute(request, '/')
    answerActive(response)
  } else if (pathname.startsWith('/users/')) {
    setRoute(request, '/users/:id')
    response.end('a user')
  } else if (pathname === '/broken') {
    setRoute(request, '/broken')
    recordError(response, new Error('out of order'))
    response.writeHead(500).end()
  } else {
    response.writeHead(404).end()
  }
}

/** A listening server with telemetry, and what it records. */
async function listening(
  app: RequestListener,
  server: Server = createServer(app),
  options: Pick<HttpTelemetryOptions, 'routeOf'> = {},
) {
  const recording = await startRecording()
  httpTelemetry(server, { telemetry: recording.telemetry, metrics: TEST_METRICS, ...options })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { server, port, url: `http://127.0.0.1:${port}`, ...recording }
}

for (const { framework, app } of [
  { framework: 'Express 5', app: expressApp() },
  { framework: 'Koa', app: koaApp() },
  { framework: 'plain Node', app: plainApp },
]) {
  describe(`with ${framework}`, () => {
    test('each request has its line, its span and its count, by route', async () => {
      const service = await listening(app)
      const active = await (await fetch(service.url)).text()
      for (const path of ['/users/7', '/users/8?q=1', '/nowhere']) await (await fetch(service.url + path)).text()
      assert.deepEqual(await untilLines(service, 4), [
        'INFO GET / 200',
        'INFO GET /users/7 200',
        'INFO GET /users/8?q=1 200',
        'INFO GET /nowhere 404',
      ])
      assert.deepEqual(
        service.spans().map(({ kind, attributes }) => [kind, attributes['http.route'], attributes['url.path']]),
        [
          [SpanKind.SERVER, '/', '/'],
          [SpanKind.SERVER, '/users/:id', '/users/7'],
          [SpanKind.SERVER, '/users/:id', '/users/8'],
          [SpanKind.SERVER, undefined, '/nowhere'],
        ],
      )
      assert.deepEqual(
        service.spans().map(({ name }) => name),
        ['GET /', 'GET /users/:id', 'GET /users/:id', 'GET'],
      )
      assert.equal(active, service.spans()[0]?.spanContext().spanId, 'the span is active in the handler')
      const metrics = await service.registry.metrics()
      assert.match(metrics, /^duration_seconds_count\{method="GET",path="\/users\/:id",status="200"\} 2$/m)
      assert.match(metrics, /^duration_seconds_count\{method="GET",path="unmatched",status="404"\} 1$/m)
      await service.shutdown.begin('test')
      assert.deepEqual(service.exits, [0])
    })

    test('an error is one exception, with its stack in the log', async () => {
      const service = await listening(app)
      const response = await fetch(`${service.url}/broken`)
      await response.text()
      assert.equal(response.status, 500)
      assert.deepEqual(await untilLines(service, 2), ['ERROR out of order', 'INFO GET /broken 500'])
      assert.match(String(service.lines()[0]?.stack_trace), /^Error: out of order\n {4}at /)
      assert.match(await service.registry.metrics(), /^exceptions_total\{method="GET",status="500"\} 1$/m)
      await service.shutdown.begin('test')
    })
  })
}

test('requests in flight are answered during the shutdown; abandoned ones have their line', async () => {
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
  let arrivals = 0
  const service = await listening(async (_request, response) => {
    arrivals++
    await finished
    response.end('late')
  })
  const [kept, left] = [get(service.url), get(service.url).on('error', () => {})]
  while (arrivals < 2) await setTimeout(5)
  left.destroy()
  await untilLines(service, 1)
  const ended = service.shutdown.begin('test')
  finish()
  const [response] = (await once(kept, 'response')) as [IncomingMessage]
  assert.equal(response.headers.connection, 'close')
  assert.equal(await text(response), 'late')
  await ended
  assert.deepEqual(service.exits, [0])
  assert.deepEqual(await untilLines(service, 2), ['INFO GET / 499', 'INFO GET / 200'])
})

for (const { what, answer, line } of [
  { what: 'is accepted', answer: '101 Switching Protocols', line: 'INFO GET /socket 101' },
  { what: 'is refused', answer: '401 Unauthorized', line: 'INFO GET /socket 401' },
]) {
  test(`a WebSocket that ${what} has its line`, async () => {
    const service = await listening(plainApp)
    service.server.on('upgrade', (_request, socket: Socket) => {
      socket.resume().once('end', () => socket.end())
      const head = `HTTP/1.1 ${answer}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
      if (answer.startsWith('101')) socket.write(head)
      else socket.end(head)
    })
    const socket = connect(service.port, '127.0.0.1')
    socket.write('GET /socket HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    assert.match(String(await once(socket, 'data')), new RegExp(`^HTTP/1.1 ${answer}`))
    socket.end()
    assert.deepEqual(await untilLines(service, 1), [line])
    await service.shutdown.begin('test')
  })
}

test('targets in absolute form are routed by their path, and input that is not HTTP has its line', async () => {
  const service = await listening(plainApp)
  const exchange = (bytes: string) => {
    const socket = connect(service.port, '127.0.0.1')
    socket.write(bytes)
    return text(socket)
  }
  const head = 'Host: other\r\nConnection: close\r\n\r\n'
  assert.match(await exchange(`GET http://example.com/users/7 HTTP/1.1\r\n${head}`), /a user$/)
  assert.match(await exchange(`BREW /\r\n${head}`), /^HTTP\/1.1 400 /)
  assert.deepEqual(await untilLines(service, 2), ['INFO GET /users/7 200', 'INFO malformed request 400'])
  await service.shutdown.begin('test')
})

test('a request that expects 100 Continue, and one for a tunnel, have their lines', async () => {
  const service = await listening(plainApp)
  service.server.on('checkContinue', (_request, response: ServerResponse) => {
    response.writeContinue()
    response.end('continued')
  })
  service.server.on('connect', (_request, socket: Socket) => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    socket.resume().once('end', () => socket.end())
  })
  for (const head of [
    'POST /users/7 HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 1\r\nConnection: close',
    'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443',
  ]) {
    const socket = connect(service.port, '127.0.0.1')
    socket.write(`${head}\r\n\r\n`)
    await once(socket, 'data')
    socket.end('x')
    await once(socket.resume(), 'close')
  }
  assert.deepEqual(await untilLines(service, 2), ['INFO POST /users/7 200', 'INFO CONNECT example.com:443 200'])
  await service.shutdown.begin('test')
})

test('HTTP/2 has the same', async () => {
  // The requests and responses of HTTP/2 have the same interface as those of HTTP/1.1.
  const server = createHttp2Server(plainApp as never) as unknown as Server
  const service = await listening(plainApp, server)
  const session = connectHttp2(service.url)
  assert.equal(await text(session.request({ ':path': '/users/7' })), 'a user')
  session.close()
  assert.deepEqual(await untilLines(service, 1), ['INFO GET /users/7 200'])
  assert.equal(service.spans()[0]?.attributes['http.route'], '/users/:id')
  await service.shutdown.begin('test')
})

test('routeOf is called once a request has been answered; if it throws, or does not return a string, only the route is lost', async () => {
  const routed = new WeakMap<IncomingMessage, { readonly path: unknown }>()
  const router: RequestListener = (request, response) => {
    if (request.url !== '/nowhere') routed.set(request, { path: request.url === '/odd' ? { odd: true } : '/:any' })
    response.end()
  }
  const routeOf = (request: IncomingMessage) => {
    const { path } = routed.get(request) ?? {}
    if (path === undefined) throw new Error('nobody knows')
    return path as string
  }
  const service = await listening(router, createServer(router), { routeOf })
  for (const path of ['/a', '/nowhere', '/odd', '/nowhere']) await (await fetch(service.url + path)).text()
  assert.deepEqual((await untilLines(service, 5)).toSorted(), [
    'ERROR The route of a request could not be determined; it counts as one without a route.',
    'INFO GET /a 200',
    'INFO GET /nowhere 200',
    'INFO GET /nowhere 200',
    'INFO GET /odd 200',
  ])
  assert.deepEqual(
    service.spans().map(({ name }) => name),
    ['GET /:any', 'GET', 'GET', 'GET'],
  )
  assert.match(
    await service.registry.metrics(),
    /^duration_seconds_count\{method="GET",path="unmatched",status="200"\} 3$/m,
  )
  await service.shutdown.begin('test')
})

for (const protocol of ['HTTP/1.1', 'HTTP/2'] as const)
  test(`a response over ${protocol} whose stream fails records the error of that stream`, async () => {
    const app: RequestListener = (_request, response) => {
      const source = new PassThrough()
      source.write('the start')
      pipeline(source, response, () => {})
      globalThis.setTimeout(() => source.destroy(new Error('the source is gone')), 20)
    }
    const isHttp2 = protocol === 'HTTP/2'
    // The requests and responses of HTTP/2 have the same interface as those of HTTP/1.1.
    const service = await listening(app, isHttp2 ? (createHttp2Server(app as never) as unknown as Server) : undefined)
    if (isHttp2) {
      const session = connectHttp2(service.url).on('error', () => {})
      session
        .request({ ':path': '/' })
        .on('error', () => {})
        .resume()
      await untilLines(service, 2)
      session.destroy()
    } else await assert.rejects(async () => (await fetch(service.url)).text())
    assert.deepEqual(await untilLines(service, 2), ['ERROR the source is gone', 'INFO GET / 200'])
    assert.equal(service.spans()[0]?.events.length, 1)
    await service.shutdown.begin('test')
  })

const certificate = makeSelfSigned('localhost')

test('HTTP/2 and HTTP/1.1 over TLS on the same port both have the scheme https', {
  skip: certificate === undefined && 'needs openssl',
}, async () => {
  const { keyFile = '', certificateFile = '' } = certificate ?? {}
  const tls = { allowHTTP1: true, key: readFileSync(keyFile), cert: readFileSync(certificateFile) }
  // The requests and responses of HTTP/2 have the same interface as those of HTTP/1.1.
  const service = await listening(plainApp, createSecureHttp2Server(tls, plainApp as never) as unknown as Server)
  const client = { host: '127.0.0.1', port: service.port, servername: 'localhost', ca: tls.cert }
  const session = connectHttp2('https://localhost', {
    ...client,
    createConnection: () => connectTls({ ...client, ALPNProtocols: ['h2'] }),
  })
  assert.equal(await text(session.request({ ':path': '/users/7' })), 'a user')
  session.close()
  const [response] = (await once(getSecurely({ ...client, path: '/users/8' }), 'response')) as [IncomingMessage]
  assert.equal(await text(response), 'a user')
  assert.deepEqual(await untilLines(service, 2), ['INFO GET /users/7 200', 'INFO GET /users/8 200'])
  assert.deepEqual(
    service.spans().map(({ attributes }) => attributes['url.scheme']),
    ['https', 'https'],
  )
  await service.shutdown.begin('test')
})

test('a WebSocket that is closed by the shutdown of the service has its line by then', async () => {
  const service = await listening(plainApp)
  service.server.on('upgrade', (_request, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  })
  const socket = connect(service.port, '127.0.0.1').on('error', () => {})
  socket.write('GET /socket HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  await once(socket, 'data')
  await service.shutdown.begin('test')
  assert.deepEqual(
    service.lines().map(({ message }) => message),
    ['GET /socket 101'],
  )
})

test('httpTelemetry can be added to a server once', async () => {
  const service = await listening(plainApp)
  assert.throws(
    () => httpTelemetry(service.server, { telemetry: service.telemetry }),
    /^RangeError: httpTelemetry is already on/,
  )
  await service.shutdown.begin('test')
})
