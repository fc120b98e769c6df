import assert from 'node:assert/strict'
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, test } from 'node:test'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { context, createContextKey, trace } from '@opentelemetry/api'
import Fastify, { type FastifyInstance } from 'fastify'
import { http2Instance } from '../../test/listening.ts'
import { startRecording, TEST_METRICS } from '../../test/recording.ts'
import { makeSelfSigned } from '../../test/testing/self-signed.ts'
import { fastifyTelemetry } from '../fastify/plugin.ts'
import { httpTelemetry } from './http-telemetry.ts'

/** The id of the span that is active. */
const active = () => trace.getActiveSpan()?.spanContext().spanId

const running: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of running.splice(0)) await stop()
})

/** A Fastify service with the plugin; `before` adds hooks that run before the plugin's. */
async function service(prepare: (app: FastifyInstance) => void, options: Partial<ServiceOptions> = {}) {
  const app = options.app ?? Fastify()
  options.before?.(app)
  running.push(() => app.close())
  const recording = await startRecording()
  await app.register(fastifyTelemetry, { telemetry: recording.telemetry, metrics: TEST_METRICS })
  prepare(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return { ...recording, app, port, url: `http://127.0.0.1:${port}` }
}

interface ServiceOptions {
  readonly app: FastifyInstance
  readonly before: (app: FastifyInstance) => void
}

/** A server without a framework. */
async function plainServer(listener: RequestListener, server: Server = createServer(listener)) {
  const recording = await startRecording()
  httpTelemetry(server, { telemetry: recording.telemetry, metrics: TEST_METRICS })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  running.push(() => server.close())
  const { port } = server.address() as AddressInfo
  return { ...recording, server, port, url: `http://127.0.0.1:${port}` }
}

const get = (path: string, header = '') => `GET ${path} HTTP/1.1\r\nHost: test\r\n${header}\r\n`

/** Sends requests on one connection, each as soon as those before it are answered, or all at once. */
async function exchange(socket: Socket, requests: readonly string[], how: 'in turn' | 'at once'): Promise<string> {
  let received = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    received += chunk
  })
  const answered = async (count: number) => {
    while (received.split('HTTP/1.1 ').length - 1 < count) await setTimeout(2)
  }
  if (how === 'at once') {
    socket.write(requests.join(''))
    await answered(requests.length)
  } else {
    for (const [index, request] of requests.entries()) {
      socket.write(request)
      await answered(index + 1)
    }
  }
  socket.destroy()
  return received
}

const certificate = makeSelfSigned('localhost')

for (const how of ['in turn', 'at once'] as const) {
  describe(`requests that arrive on one connection ${how}`, () => {
    test('have each its own span, also in what follows later; whatever runs before the plugin has none', async () => {
      const before: (string | undefined)[] = []
      const seen: (string | undefined)[][] = []
      const { port, spans } = await service(
        (app) => {
          app.get('/sync', (_request, reply) => {
            seen.push([active()])
            reply.send('sync')
          })
          app.get('/late', async () => {
            const ids = [active()]
            await null
            ids.push(active())
            await setTimeout(5)
            ids.push(active())
            await setImmediate()
            seen.push([...ids, active()])
            return 'late'
          })
        },
        {
          before: (app) => {
            app.server.prependListener('request', () => before.push(active()))
            app.addHook('onRequest', (_request, _reply, done) => {
              before.push(active())
              done()
            })
          },
        },
      )
      await exchange(connect(port), [get('/sync'), get('/late'), get('/sync'), get('/late')], how)
      assert.deepEqual(before, Array(8).fill(undefined))
      assert.deepEqual(seen.map((ids) => ids.length).sort(), [1, 1, 4, 4], 'each handler has run')
      for (const ids of seen) assert.equal(new Set(ids).size, 1)
      const own = seen.map(([id]) => id)
      assert.deepEqual(new Set(own), new Set(spans().map((span) => span.spanContext().spanId)))
      assert.equal(new Set(own).size, 4)
    })

    test('a request that an earlier hook answers does not see the one before it', async () => {
      const seen: unknown[] = []
      const { port } = await service((app) => app.get('/', async () => 'hello'), {
        before: (app) =>
          app.addHook('onRequest', (request, reply, done) => {
            if (request.url !== '/healthz') return done()
            seen.push(active())
            queueMicrotask(() => seen.push(active()))
            reply.send('healthy')
          }),
      })
      await exchange(connect(port), [get('/'), get('/healthz'), get('/'), get('/healthz')], how)
      assert.deepEqual(seen, Array(4).fill(undefined))
    })

    for (const protocol of ['http', 'https'] as const) {
      test(`have each its own span without a framework, over ${protocol}`, {
        skip: protocol === 'https' && certificate === undefined && 'needs openssl',
      }, async () => {
        const seen: (string | undefined)[] = []
        const outside: unknown[] = []
        const listener: RequestListener = (_request, response) => {
          seen.push(active())
          setTimeout(1).then(() => {
            seen.push(active())
            response.end('hello')
          })
        }
        const { keyFile = '', certificateFile = '' } = certificate ?? {}
        const { server, port, spans } = await plainServer(
          listener,
          protocol === 'http'
            ? createServer(listener)
            : createSecureServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) }, listener),
        )
        // Runs outside what telemetry has replaced.
        const emit = server.emit.bind(server)
        server.emit = (event: string, ...args: unknown[]): boolean => {
          if (event === 'request') outside.push(active())
          return emit(event, ...args)
        }
        const socket = protocol === 'http' ? connect(port) : connectTls({ port, rejectUnauthorized: false })
        await exchange(socket, [get('/a'), get('/b'), get('/c')], how)
        assert.deepEqual(outside, [undefined, undefined, undefined])
        assert.equal(seen.length, 6)
        const ids = new Set(spans().map((span) => span.spanContext().spanId))
        assert.equal(ids.size, 3)
        assert.deepEqual(new Set(seen), ids)
      })
    }
  })
}

test('over HTTP/2 each stream has its own span, and whatever runs before the plugin has none', async () => {
  const before: unknown[] = []
  const seen: (string | undefined)[] = []
  const { url, spans } = await service(
    (app) =>
      app.get('/', async () => {
        seen.push(active())
        await setTimeout(5)
        seen.push(active())
        return 'hello'
      }),
    { app: http2Instance(), before: (app) => app.server.prependListener('request', () => before.push(active())) },
  )
  const session = connectHttp2(url)
  await Promise.all([1, 2, 3].map(() => text(session.request({ ':path': '/' }))))
  session.destroy()
  assert.deepEqual(before, [undefined, undefined, undefined])
  assert.equal(seen.length, 6)
  assert.deepEqual(new Set(seen), new Set(spans().map((span) => span.spanContext().spanId)))
})

describe('code that makes a request without a connection keeps its own context', () => {
  const KEY = createContextKey('own')
  const own = () => context.active().getValue(KEY)

  for (const [title, send] of [
    ['inject', (app: FastifyInstance) => app.inject('/').then(() => {})],
    ['the routing of the service', (app: FastifyInstance, request: IncomingMessage) => route(app, request)],
  ] as const) {
    test(`with ${title}`, async () => {
      const { app } = await service((app) => app.get('/', async () => 'hello'))
      const request = await arrivedRequest()
      await context.with(context.active().setValue(KEY, 'mine'), async () => {
        const sent = send(app, request)
        assert.equal(own(), 'mine')
        assert.equal(active(), undefined)
        await sent
        assert.equal(own(), 'mine')
        assert.equal(active(), undefined)
      })
    })
  }

  function route(app: FastifyInstance, request: IncomingMessage): Promise<unknown> {
    app.routing(request, new ServerResponse(request))
    return setImmediate()
  }

  test('with inject, in the handler of another request', async () => {
    const seen: (string | undefined)[] = []
    const { url } = await service((app) => {
      app.get('/inner', async () => active())
      app.get('/outer', (_request, reply) => {
        seen.push(active())
        app.inject('/inner', (_error, response) => reply.send(response?.body))
        seen.push(active())
      })
    })
    const inner = await (await fetch(`${url}/outer`)).text()
    assert.equal(seen.length, 2)
    assert.equal(new Set(seen).size, 1)
    assert.notEqual(seen[0], inner)
  })

  test('if it emits the event of a server itself', async () => {
    const { server } = await plainServer((_request, response) => response.end())
    const request = await arrivedRequest()
    server.emit('request', request, new ServerResponse(request))
    assert.equal(active(), undefined)
  })

  /** A request that another server has received. */
  async function arrivedRequest(): Promise<IncomingMessage> {
    const other = createServer((_request, response) => response.end())
    await once(other.listen(0), 'listening')
    const arrived = once(other, 'request')
    const answered = fetch(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`)
    const [request] = await arrived
    await (await answered).text()
    other.close()
    assert.ok(request instanceof Object)
    return request as IncomingMessage
  }
})

test('a hook whose callback is called by something else does not leave its span there', async () => {
  const waiting: (() => void)[] = []
  const { url } = await service((app) => app.get('/', async () => 'hello'), {
    before: (app) => app.addHook('onRequest', (_request, _reply, done) => void waiting.push(done)),
  })
  const answers = [fetch(url), fetch(url)]
  while (waiting.length < answers.length) await setTimeout(2)
  for (const done of waiting) {
    done()
    assert.equal(active(), undefined)
  }
  for (const answer of await Promise.all(answers)) assert.equal(await answer.text(), 'hello')
})

test('a hook that continues in a scope of its own does not leave the span in that scope', async () => {
  const scope = new AsyncResource('Scope')
  const seen: unknown[] = []
  const { url } = await service((app) => app.get('/', async () => 'hello'), {
    before: (app) =>
      app.addHook('onRequest', (_request, _reply, done) =>
        scope.runInAsyncScope(() => {
          done()
          seen.push(active())
        }),
      ),
  })
  await (await fetch(url)).text()
  seen.push(scope.runInAsyncScope(active))
  assert.deepEqual(seen, [undefined, undefined])
})

for (const [title, header, chunks] of [
  ['of a known length', 'Content-Length: 10', ['first', 'other']],
  ['in chunks', 'Transfer-Encoding: chunked', ['5\r\nfirst\r\n', '5\r\nother\r\n0\r\n\r\n']],
] as const) {
  test(`a handler that reads a body ${title} by events keeps its span in each of them`, async () => {
    const seen: [string, string | undefined][] = []
    const { port, spans } = await plainServer((request, response) => {
      seen.push(['request', active()])
      request.on('data', (chunk: Buffer) => seen.push([String(chunk), active()]))
      request.on('end', () => {
        seen.push(['end', active()])
        response.end()
      })
    })
    const socket = connect(port)
    socket.write(`POST / HTTP/1.1\r\nHost: test\r\n${header}\r\n\r\n`)
    for (const chunk of chunks) {
      await setTimeout(20)
      socket.write(chunk)
    }
    while (spans().length === 0) await setTimeout(2)
    socket.destroy()
    const id = spans()[0]?.spanContext().spanId
    assert.deepEqual(seen, [
      ['request', id],
      ['first', id],
      ['other', id],
      ['end', id],
    ])
  })
}

test("a service's own storage keeps what hooks before and after the plugin's enter, for their request alone", async () => {
  const ran = new AsyncLocalStorage<string>()
  const entered = new AsyncLocalStorage<string>()
  const later = new AsyncLocalStorage<string>()
  const seen: unknown[][] = []
  const before: unknown[][] = []
  const stores = () => [ran.getStore(), entered.getStore(), later.getStore()]
  const { port, spans } = await service(
    (app) => {
      app.addHook('onRequest', (request, _reply, done) => later.run(`later ${request.url}`, done))
      app.get('/:name', async (request) => {
        seen.push([request.url, ...stores(), active()])
        await setTimeout(2)
        seen.push([request.url, ...stores(), active()])
        return 'hello'
      })
    },
    {
      before: (app) => {
        app.addHook('onRequest', (request, _reply, done) => {
          before.push([ran.getStore(), later.getStore()])
          ran.run(`ran ${request.url}`, done)
        })
        app.addHook('onRequest', (request, _reply, done) => {
          entered.enterWith(`entered ${request.url}`)
          done()
        })
      },
    },
  )
  await exchange(connect(port), [get('/a'), get('/b'), get('/c')], 'at once')
  const idOf = (path: string) =>
    spans()
      .find(({ attributes }) => attributes['url.path'] === path)
      ?.spanContext().spanId
  const expected = ['/a', '/b', '/c'].map((path) => [
    path,
    `ran ${path}`,
    `entered ${path}`,
    `later ${path}`,
    idOf(path),
  ])
  assert.deepEqual(seen, [...expected, ...expected])
  assert.deepEqual(before, Array(3).fill([undefined, undefined]))
})

test('context.with in a handler ends with its function', async () => {
  const KEY = createContextKey('inner')
  const seen: unknown[] = []
  const { url, spans } = await service((app) =>
    app.get('/', async () => {
      const inner = context.active().setValue(KEY, 'inner')
      const awaited = context.with(inner, async () => {
        seen.push([context.active().getValue(KEY), active()])
        await setTimeout(2)
        seen.push([context.active().getValue(KEY), active()])
      })
      seen.push([context.active().getValue(KEY), active()])
      await awaited
      seen.push([context.active().getValue(KEY), active()])
      return 'hello'
    }),
  )
  await (await fetch(url)).text()
  const id = spans()[0]?.spanContext().spanId
  assert.deepEqual(seen, [
    ['inner', id],
    [undefined, id],
    ['inner', id],
    [undefined, id],
  ])
})

test('an open connection keeps no more contexts alive than that of its last request', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage: unknown = runInNewContext('gc')
  assert.ok(typeof collectGarbage === 'function')
  const contexts: WeakRef<object>[] = []
  const { port } = await plainServer((_request, response) => {
    contexts.push(new WeakRef(context.active()))
    response.end('hello')
  })
  const socket = connect(port)
  let received = ''
  socket.on('data', (chunk) => {
    received += String(chunk)
  })
  for (let count = 1; count <= 20; count++) {
    socket.write(get('/'))
    while (received.split('HTTP/1.1 200').length - 1 < count) await setTimeout(2)
  }
  await setImmediate()
  collectGarbage()
  await setImmediate()
  collectGarbage()
  const alive = contexts.filter((ref) => ref.deref() !== undefined).length
  socket.destroy()
  assert.ok(alive <= 2, `${alive} contexts of 20 requests`)
})
