import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, createServer, get as getPlain, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  createSecureServer as createSecureHttp2Server,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer as createSecureServer, get as getSecure } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeSelfSigned } from '../../test/testing/self-signed.ts'
import { Drain } from './drain.ts'

function selfSigned() {
  const { keyFile, certificateFile } = makeSelfSigned('localhost') ?? assert.fail('openssl is missing')
  return { key: readFileSync(keyFile), cert: readFileSync(certificateFile) }
}

async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  isSecure = false,
  idleTimeoutMs = 300,
) {
  const server = isSecure ? createSecureServer(selfSigned(), handler) : createServer(handler)
  const drain = new Drain({ idleTimeoutMs })
  drain.watch(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, drain, url: `http${isSecure ? 's' : ''}://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function request(url: string, agent: Agent): Promise<IncomingMessage> {
  const [response] = (await once(getPlain(url, { agent }), 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'end')
  return response
}

test('a request in flight is answered, with Connection: close, and new connections are refused', async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<ServerResponse>()
  const { server, drain, url } = await listen((_request, response) => arrive(response))
  const agent = new Agent({ keepAlive: true })
  const answer = request(url, agent)
  const response = await arrived
  const drained = drain.begin()
  while (server.listening) await new Promise(setImmediate)
  await assert.rejects(request(url, new Agent()), { code: 'ECONNREFUSED' })
  response.end('late')
  assert.equal((await answer).headers.connection, 'close')
  await drained
})

test('a client that is connected when the drain starts is answered, even if its connection has not been accepted yet', async () => {
  const { drain, url } = await listen((_request, response) => response.end())
  const answers = Array.from({ length: 50 }, () => request(url, new Agent()))
  // The sockets connect at the end of this tick; their handshakes are completed before the server's event loop accepts
  // the first one.
  await new Promise(process.nextTick)
  const drained = drain.begin()
  assert.deepEqual(new Set((await Promise.all(answers)).map(({ statusCode }) => statusCode)), new Set([200]))
  await drained
})

test('a request that arrives on a persistent connection during the drain is answered, with Connection: close', async () => {
  const { drain, url } = await listen((_request, response) => response.end())
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  assert.equal((await request(url, agent)).headers.connection, 'keep-alive')
  const drained = drain.begin()
  assert.equal((await request(url, agent)).headers.connection, 'close')
  await drained
})

test('an idle connection is closed after a while', async () => {
  const { drain, url } = await listen((_request, response) => response.end())
  const agent = new Agent({ keepAlive: true })
  await request(url, agent)
  await drain.begin()
})

test('a server that never listened has nothing to drain', async () => {
  const drain = new Drain()
  drain.watch(createServer())
  await drain.begin()
})

for (const [title, sent] of [
  ['nothing', ''],
  ['half of the request headers', 'GET / HTTP/1.1\r\nHost: test\r\n'],
] as const) {
  test(`a connection on which a client has sent ${title} is closed after a while`, async () => {
    const { server, drain, url } = await listen((_request, response) => response.end())
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const closed = once(socket.resume(), 'close')
    socket.write(sent)
    await once(server, 'connection')
    const startedAt = performance.now()
    await drain.begin()
    assert.ok(performance.now() - startedAt >= 300)
    await closed
  })
}

for (const isSecure of [false, true]) {
  test(`a response that takes longer than the idle timeout is sent${isSecure ? ', over TLS too' : ''}`, async () => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<ServerResponse>()
    const { drain, url } = await listen((_request, response) => arrive(response), isSecure)
    const get = isSecure ? getSecure : getPlain
    const answer = once(get(url, { rejectUnauthorized: false }), 'response')
    const response = await arrived
    // Its headers have been sent, without Connection: close.
    response.writeHead(200).flushHeaders()
    const [message] = (await answer) as [IncomingMessage]
    const drained = drain.begin()
    await sleep(600)
    response.end('late')
    assert.equal(await text(message), 'late')
    await drained
  })
}

test('a client that stops in the middle of a body is disconnected after a while, one that keeps sending is not', async () => {
  const echo = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request).catch(() => undefined)
    if (body !== undefined) response.end(body)
  }
  const { server, drain, url } = await listen(echo, false, 2_000)
  const [stopped, slow] = [0, 1].map(() => connect(Number(new URL(url).port), '127.0.0.1'))
  assert.ok(stopped && slow)
  const head = 'POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 6\r\n\r\n'
  const arrived = new Promise<void>((resolve) => {
    let requests = 0
    server.on('request', () => ++requests === 2 && resolve())
  })
  const left = once(
    stopped.on('error', () => {}),
    'close',
  )
  stopped.write(`${head}abc`)
  slow.write(head)
  await arrived
  const answer = text(slow)
  const drained = drain.begin()
  for (const letter of 'abcdef') {
    await sleep(500)
    slow.write(letter)
  }
  assert.match(await answer, /abcdef$/)
  await left
  await drained
})

test('a body that a handler has not read yet is waited for, however long it takes', async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<[IncomingMessage, ServerResponse]>()
  const { drain, url } = await listen((request, response) => arrive([request, response]))
  const body = 'x'.repeat(1_000_000)
  const answer = fetch(url, { method: 'POST', body }).then((response) => response.text())
  const [request, response] = await arrived
  const drained = drain.begin()
  await sleep(600)
  response.end(String((await text(request)).length))
  assert.equal(await answer, String(body.length))
  await drained
})

test('server-sent events that nobody ends are ended after a while, and later writes do no harm', async () => {
  const { promise: written, resolve } = Promise.withResolvers<void>()
  const { drain, url } = await listen((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n')
    response.once('finish', () => {
      response.write('data: 2\n\n')
      resolve()
    })
  })
  const answer = await fetch(url)
  const events = answer.text()
  await drain.begin()
  await written
  assert.equal(await events, 'data: 1\n\n')
})

test('an HTTP/2 client that stops in the middle of a body, and server-sent events by HTTP/2, do not delay the shutdown', async () => {
  const server = createHttp2Server()
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    if (headers[':method'] === 'POST') stream.resume()
    else stream.respond({ 'content-type': 'text/event-stream' })
  })
  const drain = new Drain({ idleTimeoutMs: 300 })
  drain.watch(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const upload = session.request({ ':path': '/', ':method': 'POST' }).on('error', () => {})
  upload.write('half')
  const events = session.request({ ':path': '/' })
  await once(events, 'response')
  await drain.begin()
  assert.equal(await text(events), '')
  session.destroy()
})

test('an upgraded connection has some time to close, then it is closed', async () => {
  const { server, drain, url } = await listen(() => {})
  server.on('upgrade', (_request, socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n'),
  )
  const client = getPlain(url, { headers: { connection: 'upgrade', upgrade: 'test' } })
  const [, socket] = (await once(client, 'upgrade')) as [IncomingMessage, Socket]
  const closed = once(socket.resume(), 'close')
  await drain.begin()
  await closed
})

for (const isSecure of [false, true]) {
  test(`an HTTP/2 session ends when its streams have ended${isSecure ? ', over TLS too' : ''}`, async () => {
    const server = isSecure ? createSecureHttp2Server(selfSigned()) : createHttp2Server()
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<ServerHttp2Stream>()
    server.on('stream', (stream, headers) => {
      if (headers[':path'] === '/slow') arrive(stream)
      else stream.end('at once')
    })
    const drain = new Drain({ idleTimeoutMs: 300 })
    drain.watch(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const scheme = isSecure ? 'https' : 'http'
    const authority = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
    const [busy, idle] = [0, 1].map(() => connectHttp2(authority, { rejectUnauthorized: false }))
    assert.ok(busy && idle)
    assert.equal(await text(idle.request({ ':path': '/' })), 'at once')
    const answer = text(busy.request({ ':path': '/slow' }))
    const stream = await arrived
    const drained = drain.begin()
    await once(idle, 'close')
    await sleep(600)
    stream.end('late')
    assert.equal(await answer, 'late')
    await drained
  })
}
