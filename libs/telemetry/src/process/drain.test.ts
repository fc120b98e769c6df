import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { prepareDrain } from './drain.ts'

async function listen(handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handler)
  const drain = prepareDrain(server, { idleTimeoutMs: 300 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, drain, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function request(url: string, agent: Agent): Promise<IncomingMessage> {
  const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'end')
  return response
}

test('a request in hand is answered, with Connection: close, and new connections are refused', async () => {
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

test('who is connected when the drain begins is answered, also where the connection has not been accepted yet', async () => {
  const { drain, url } = await listen((_request, response) => response.end())
  const answers = Array.from({ length: 50 }, () => request(url, new Agent()))
  // The sockets connect at the end of this tick; their handshakes are made before the server's event loop accepts the first.
  await new Promise(process.nextTick)
  const drained = drain.begin()
  assert.deepEqual(new Set((await Promise.all(answers)).map(({ statusCode }) => statusCode)), new Set([200]))
  await drained
})

test('a request that comes on a kept connection during the drain is answered, with Connection: close', async () => {
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
  await prepareDrain(createServer()).begin()
})
