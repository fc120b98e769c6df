import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get, createServer as httpServer } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { get as getByTls } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { http2Instance } from '../../../test/listening.ts'
import { makeSelfSigned } from '../../../test/testing/self-signed.ts'
import { InFlightRequest, watchResponses } from './in-flight-request.ts'

/** Watches the requests of `app`; returns the status and the duration of each that has been answered. */
function watched(app: FastifyInstance) {
  watchResponses()
  watchResponses()
  const answered: { readonly url: string; readonly status: number; readonly seconds: number }[] = []
  app.addHook('onRequest', (request, reply, done) => {
    new InFlightRequest(request, reply.raw, (inFlight, end) => {
      assert.equal(inFlight.request, request)
      if (end === 'answered')
        answered.push({ url: request.url, status: reply.statusCode, seconds: inFlight.elapsedSeconds() })
    })
    done()
  })
  app.get('/', async (_request, reply) => {
    await setTimeout(30)
    return reply.code(202).send('hello')
  })
  return answered
}

async function listening(app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

const certificate = makeSelfSigned('localhost')

for (const { protocol, skip = false, make, send } of [
  {
    protocol: 'inject',
    make: () => Fastify(),
    send: (app: FastifyInstance) => app.inject('/'),
  },
  {
    protocol: 'HTTP',
    make: () => Fastify(),
    send: async (app: FastifyInstance) => {
      const [response] = await once(get({ port: await listening(app), host: '127.0.0.1', agent: false }), 'response')
      await once(response.resume(), 'end')
    },
  },
  {
    protocol: 'HTTPS',
    skip: certificate === undefined && 'openssl is not installed',
    // The type of an instance depends on the kind of its server; what is used of it is the same.
    make: () =>
      Fastify({
        https: {
          key: readFileSync(certificate?.keyFile ?? ''),
          cert: readFileSync(certificate?.certificateFile ?? ''),
        },
      }) as unknown as FastifyInstance,
    send: async (app: FastifyInstance) => {
      const options = { port: await listening(app), host: '127.0.0.1', agent: false, rejectUnauthorized: false }
      const [response] = await once(getByTls(options), 'response')
      await once(response.resume(), 'end')
    },
  },
  {
    protocol: 'HTTP/2',
    make: http2Instance,
    send: async (app: FastifyInstance) => {
      const session = connectHttp2(`http://127.0.0.1:${await listening(app)}`)
      await once(session.request({ ':path': '/' }).resume(), 'end')
      session.close()
    },
  },
]) {
  test(`a request over ${protocol} is reported once, when its response has been sent`, { skip }, async () => {
    const app = make()
    const answered = watched(app)
    await send(app)
    await app.close()
    // Over TLS, a server gets the end of its response confirmed after the client has it.
    await setTimeout(50)
    assert.deepEqual(
      answered.map(({ url, status }) => `${url} ${status}`),
      ['/ 202'],
    )
    const { seconds = 0 } = answered[0] ?? {}
    assert.ok(seconds >= 0.029 && seconds < 5, String(seconds))
  })
}

test('requests that one client sends in one piece are reported one by one', async () => {
  const app = Fastify()
  const answered = watched(app)
  const socket = connect(await listening(app), '127.0.0.1')
  const request = (path: string, last = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${last}\r\n`
  socket.write(`${request('/')}${request('/nowhere')}${request('/', 'Connection: close\r\n')}`)
  await once(socket.resume(), 'close')
  await app.close()
  assert.deepEqual(
    answered.map(({ url, status }) => `${url} ${status}`),
    ['/ 202', '/nowhere 404', '/ 202'],
  )
})

test('a response whose client leaves before its end is not reported', async () => {
  const app = Fastify()
  const answered = watched(app)
  const { promise: gone, resolve: go } = Promise.withResolvers<void>()
  app.get('/long', (request, reply) => {
    request.raw.socket.once('close', () => go())
    reply.hijack()
    reply.raw.write('the start')
  })
  const socket = connect(await listening(app), '127.0.0.1')
  socket.write('GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()
  await gone
  await app.close()
  assert.deepEqual(answered, [])
})

test('responses of other servers in the process are ignored', async () => {
  const app = Fastify()
  const answered = watched(app)
  const other = httpServer((_request, response) => response.end('other')).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const [response] = await once(get({ port, host: '127.0.0.1', agent: false }), 'response')
  await once(response.resume(), 'end')
  other.close()
  await app.close()
  assert.deepEqual(answered, [])
})
