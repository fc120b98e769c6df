import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { test } from 'node:test'
import { atEmptyAcceptQueue } from './accept-queue.ts'

test('a server that is closed when no connection waits has accepted all established ones', async () => {
  let accepted = 0
  const server = createServer((socket) => {
    accepted++
    socket.end('hello')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  // Their handshakes are completed before this event loop runs again and accepts the first one.
  const clients = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'))
  const answers = clients.map(async (client) => (await client.toArray()).join(''))
  const watch = (onAccepted: () => void) => {
    server.on('connection', onAccepted)
    return () => server.off('connection', onAccepted)
  }
  const acceptedBefore = await atEmptyAcceptQueue(watch, async () => {
    server.close()
    return accepted
  })
  assert.equal(acceptedBefore, 100)
  assert.deepEqual(
    (await Promise.all(answers)).filter((answer) => answer !== 'hello'),
    [],
  )
  assert.equal(server.listenerCount('connection'), 1)
})

test('a server whose queue is never empty is closed all the same', async () => {
  let isClosed = false
  let isWatching = true
  const watch = (onAccepted: () => void) => {
    const accept = () => {
      onAccepted()
      if (isWatching) setImmediate(accept)
    }
    accept()
    return () => {
      isWatching = false
    }
  }
  await atEmptyAcceptQueue(watch, async () => {
    isClosed = true
  })
  assert.ok(isClosed)
})
