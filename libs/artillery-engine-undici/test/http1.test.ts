import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from '../src/artillery/errors.ts'
import { tcpConnector } from '../src/http1/tcp-connector.ts'
import { Exchange } from '../src/response/exchange.ts'
import { Http1Client } from '../src/session/http1-client.ts'
import { Http1Pool } from '../src/session/http1-pool.ts'
import type { OutgoingRequest, Sender } from '../src/session/sender.ts'

/** The client of HTTP/1.1 before a server that answers what a test says, byte by byte. */

/** A server; `answer` is what it sends for its n-th request, counted over all connections. */
class Server implements AsyncDisposable {
  readonly requests: string[] = []
  connections = 0
  readonly #server = createServer((socket) => this.#serve(socket))
  readonly #sockets = new Set<Socket>()
  readonly #answer: (request: number, socket: Socket) => string | undefined

  constructor(answer: (request: number, socket: Socket) => string | undefined) {
    this.#answer = answer
  }

  async start(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #serve(socket: Socket): void {
    this.connections++
    this.#sockets.add(socket)
    socket.on('error', () => {}).setEncoding('latin1')
    socket.on('data', (text: string) => {
      const answer = this.#answer(this.requests.push(text) - 1, socket)
      if (answer !== undefined) socket.write(answer, 'latin1')
    })
  }
}

interface Ended {
  status: number
  body: string
  error: string | undefined
}

const connector = tcpConnector(5000)

function get(sender: Sender, more: Partial<OutgoingRequest> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const exchange: Exchange = new Exchange(
      {
        sent: () => {},
        headReceived: () => {},
        ended: ({ statusCode: status }, error) =>
          resolve({ status, body: exchange.body().toString('latin1'), error: codeOf(error) }),
      },
      1000,
    )
    const request: OutgoingRequest = {
      ...{ origin: '', path: '/', method: 'GET', headers: [], moreHeaders: [], body: undefined, timeoutMs: 5000 },
      ...more,
    }
    sender.dispatch(request, exchange)
    exchange.boundWait(request.timeoutMs, new Set())
  })
}

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

describe('a connection', () => {
  const CASES: readonly { name: string; answer: string; method?: string; headers?: string[]; connections: number }[] = [
    { name: 'is used again', answer: ANSWER, connections: 1 },
    {
      name: 'is used again after a response to HEAD with a length',
      method: 'HEAD',
      answer: 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n',
      connections: 1,
    },
    {
      name: 'is used again after a chunked body',
      answer: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      connections: 1,
    },
    {
      name: 'ends where the server says so',
      answer: ANSWER.replace('\r\n', '\r\nConnection: Close\r\n'),
      connections: 2,
    },
    { name: 'ends where the request says so', answer: ANSWER, headers: ['connection', 'close'], connections: 2 },
    { name: 'ends with HTTP/1.0', answer: ANSWER.replace('1.1', '1.0'), connections: 2 },
    {
      name: 'outlives HTTP/1.0 with keep-alive',
      answer: ANSWER.replace('1.1', '1.0').replace('\r\n', '\r\nconnection: keep-alive\r\n'),
      connections: 1,
    },
    {
      name: 'is not used when the server is about to close it',
      answer: ANSWER.replace('\r\n', '\r\nkeep-alive: timeout=1\r\n'),
      connections: 2,
    },
    {
      name: 'is used while the server keeps it',
      answer: ANSWER.replace('\r\n', '\r\nkeep-alive: timeout=60, max=9\r\n'),
      connections: 1,
    },
  ]
  for (const { name, answer, method = 'GET', headers = [], connections } of CASES) {
    test(name, { timeout: 30_000 }, async () => {
      await using server = new Server(() => answer)
      const client = new Http1Client(await server.start(), connector)
      for (let index = 0; index < 2; index++) assert.equal((await get(client, { method, headers })).status, 200)
      assert.equal(server.connections, connections)
      await client.destroy()
    })
  }

  test('that the server has ended is opened again', { timeout: 30_000 }, async () => {
    let ended: Promise<unknown> = Promise.resolve()
    await using server = new Server((_request, socket) => {
      ended = once(socket, 'close')
      setImmediate(() => socket.end())
      return ANSWER
    })
    const client = new Http1Client(await server.start(), connector)
    assert.equal((await get(client)).body, 'ok')
    await ended
    assert.equal((await get(client)).body, 'ok')
    assert.equal(server.connections, 2)
    await client.destroy()
  })

  test('on which something comes that nobody asked for is not used again', { timeout: 30_000 }, async () => {
    let closed: Promise<unknown> = Promise.resolve()
    await using server = new Server((_request, socket) => {
      closed = once(socket, 'close')
      setTimeout(() => socket.write(ANSWER), 20)
      return ANSWER
    })
    const client = new Http1Client(await server.start(), connector)
    assert.equal((await get(client)).body, 'ok')
    await closed
    assert.equal((await get(client)).body, 'ok')
    assert.equal(server.connections, 2)
    await client.destroy()
  })

  test('sends requests one after another', { timeout: 30_000 }, async () => {
    await using server = new Server(() => ANSWER)
    const client = new Http1Client(await server.start(), connector)
    const ended = await Promise.all([get(client), get(client), get(client)])
    assert.deepEqual(
      ended.map(({ body }) => body),
      ['ok', 'ok', 'ok'],
    )
    assert.equal(server.connections, 1)
    await client.destroy()
  })

  test('that is closed completes what is in flight', { timeout: 30_000 }, async () => {
    await using server = new Server(() => ANSWER)
    const client = new Http1Client(await server.start(), connector)
    const both = [get(client), get(client)]
    client.close()
    assert.deepEqual(
      (await Promise.all(both)).map(({ body }) => body),
      ['ok', 'ok'],
    )
  })

  test('that is destroyed fails what is in flight', { timeout: 30_000 }, async () => {
    await using server = new Server(() => undefined)
    const client = new Http1Client(await server.start(), connector)
    const both = [get(client), get(client)]
    while (server.requests.length === 0) await sleep(5)
    await client.destroy()
    assert.deepEqual(
      (await Promise.all(both)).map(({ error }) => error),
      ['ECONNRESET', 'ECONNRESET'],
    )
  })
})

describe('a request', () => {
  const BODIES: readonly { name: string; more: Partial<OutgoingRequest>; sent: RegExp }[] = [
    {
      name: 'with a text',
      more: { method: 'POST', body: 'Zo\u00eb' },
      sent: /\r\ncontent-length: 4\r\n\r\nZo\xc3\xab$/,
    },
    { name: 'of POST without a body', more: { method: 'POST' }, sent: /\r\ncontent-length: 0\r\n\r\n$/ },
    {
      name: 'of DELETE without a body',
      more: { method: 'DELETE' },
      sent: /^DELETE \/ HTTP\/1.1\r\n(?!.*content-length)/s,
    },
    { name: 'with a host of its own', more: { headers: ['host', 'a.test'] }, sent: /\r\nhost: a\.test\r\n/ },
    { name: 'with headers of one sending', more: { moreHeaders: ['x-a', '1'] }, sent: /\r\nx-a: 1\r\n\r\n$/ },
  ]
  for (const { name, more, sent } of BODIES) {
    test(name, { timeout: 30_000 }, async () => {
      await using server = new Server(() => ANSWER)
      const client = new Http1Client(await server.start(), connector)
      assert.equal((await get(client, more)).status, 200)
      assert.match(server.requests.join(''), sent)
      await client.destroy()
    })
  }

  const FAILURES: readonly { name: string; more: Partial<OutgoingRequest>; code: string }[] = [
    { name: 'a header with a line break', more: { headers: ['x-a', 'b\r\nx-c: d'] }, code: 'ERR_INVALID_CHAR' },
    { name: 'a header beyond Latin-1', more: { headers: ['x-a', '\u20ac'] }, code: 'ERR_INVALID_CHAR' },
    { name: 'a name that is not a token', more: { moreHeaders: ['x a', 'b'] }, code: 'ERR_INVALID_HTTP_TOKEN' },
    { name: 'a path with a space', more: { path: '/a b' }, code: 'ERR_UNESCAPED_CHARACTERS' },
  ]
  for (const { name, more, code } of FAILURES) {
    test(`is not sent: ${name}`, { timeout: 30_000 }, async () => {
      await using server = new Server(() => ANSWER)
      const client = new Http1Client(await server.start(), connector)
      assert.equal((await get(client, more)).error, code)
      assert.equal((await get(client)).body, 'ok')
      assert.equal(server.requests.length, 1)
      await client.destroy()
    })
  }

  for (const [name, answer] of [
    ['no response', undefined],
    ['half a body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'],
  ] as const) {
    test(`fails by its timeout: ${name}`, { timeout: 30_000 }, async () => {
      await using server = new Server((request) => (request === 0 ? answer : ANSWER))
      const client = new Http1Client(await server.start(), connector)
      const [first, second] = await Promise.all([get(client, { timeoutMs: 100 }), get(client)])
      assert.equal(first?.error, 'ETIMEDOUT')
      assert.equal(second?.body, 'ok')
      await client.destroy()
    })
  }

  test('fails where nothing listens', { timeout: 30_000 }, async () => {
    const server = new Server(() => ANSWER)
    const origin = await server.start()
    await server[Symbol.asyncDispose]()
    const client = new Http1Client(origin, connector)
    assert.deepEqual(
      (await Promise.all([get(client), get(client)])).map(({ error }) => error),
      ['ECONNREFUSED', 'ECONNREFUSED'],
    )
  })
})

test('a pool opens as many connections as it may, and no request waits while one is free', {
  timeout: 30_000,
}, async () => {
  await using server = new Server(() => ANSWER)
  const origin = await server.start()
  const pool = new Http1Pool(3, (onFree) => new Http1Client(origin, connector, onFree))
  const ended = await Promise.all(Array.from({ length: 20 }, () => get(pool)))
  assert.ok(ended.every(({ body }) => body === 'ok'))
  assert.equal(server.connections, 3)
  await get(pool)
  assert.equal(server.connections, 3)
  await pool.destroy()
})
