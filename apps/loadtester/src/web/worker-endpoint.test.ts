import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { eventually } from '../../test/testing/load-process.ts'
import { Fleet } from '../fleet/fleet.ts'
import { MAX_MESSAGE_BYTES, PROTOCOL_VERSION } from '../protocol/messages.ts'
import { attachWorkerEndpoint } from './worker-endpoint.ts'

const token = 'token-of-a-test-0123456789'

describe('the endpoint for workers', () => {
  const fleet = new Fleet({ version: '1', log: () => {} })
  const servers: Server[] = []
  let url = ''
  before(async () => {
    url = await listen({ helloDeadlineMs: 200 })
  })
  after(() => {
    fleet.close()
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  })

  /** Starts an endpoint; gives its URL. */
  async function listen(options: { readonly helloDeadlineMs?: number; readonly maximumConnections?: number }) {
    const server = createServer()
    servers.push(server)
    attachWorkerEndpoint(server, fleet, { token, ...options })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/workers`
  }

  function connect(to = url): WebSocket {
    const socket = new WebSocket(to, { headers: { authorization: `Bearer ${token}` } })
    socket.on('error', () => {})
    return socket
  }

  /** Why a connection ended. */
  function closed(socket: WebSocket): Promise<readonly [code: number, reason: string]> {
    return new Promise((resolve) => socket.on('close', (code, reason) => resolve([code, String(reason)])))
  }

  const hello = (id: string): string =>
    JSON.stringify({ type: 'hello', protocol: PROTOCOL_VERSION, version: '1', id, name: id, weight: 1 })

  it('closes a connection that does not say hello', async () => {
    assert.deepEqual(await closed(connect()), [1008, 'no hello came in time'])
  })

  it('keeps a connection that has said hello', async () => {
    const socket = connect()
    socket.on('open', () => socket.send(hello('a')))
    await eventually(() => fleet.get('a')?.channel !== undefined, 'it joins')
    await new Promise((resolve) => setTimeout(resolve, 400))
    assert.equal(socket.readyState, WebSocket.OPEN)
    socket.close()
    await closed(socket)
  })

  it('closes a connection that sends too long a message', async () => {
    const socket = connect(await listen({}))
    socket.on('open', () => {
      socket.send(hello('b'))
      socket.send('x'.repeat(MAX_MESSAGE_BYTES + 1))
    })
    const [code] = await closed(socket)
    assert.equal(code, 1009)
    await eventually(() => fleet.get('b')?.state === 'lost', 'the worker counts as lost')
  })

  it('limits the number of connections', async () => {
    const three = await listen({ maximumConnections: 3 })
    const taken = [1, 2, 3].map((index) => {
      const socket = connect(three)
      socket.on('open', () => socket.send(hello(`c${index}`)))
      return socket
    })
    await eventually(() => taken.every(({ readyState }) => readyState === WebSocket.OPEN), 'three are connected')
    const status = await new Promise((resolve) =>
      connect(three).on('unexpected-response', (_request, response) => resolve(response.statusCode)),
    )
    assert.equal(status, 503)
    for (const socket of taken) socket.terminate()
  })
})
