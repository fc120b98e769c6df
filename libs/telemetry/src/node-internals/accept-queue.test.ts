import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { test } from 'node:test'
import { untilAcceptQueueIsEmpty } from './accept-queue.ts'

test('a server that closes when nobody waits has accepted all who were connected', async () => {
  let accepted = 0
  const server = createServer((socket) => {
    accepted++
    socket.end('hello')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  // Their handshakes are made before this event loop runs again and accepts the first.
  const clients = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'))
  const answers = clients.map(async (client) => (await client.toArray()).join(''))
  await untilAcceptQueueIsEmpty((onAccepted) => {
    server.on('connection', onAccepted)
    return () => server.off('connection', onAccepted)
  })
  server.close()
  assert.equal(accepted, 100)
  assert.deepEqual(
    (await Promise.all(answers)).filter((answer) => answer !== 'hello'),
    [],
  )
  assert.equal(server.listenerCount('connection'), 1)
})

test('a server that is never left alone is closed all the same', async () => {
  let isClosed = false
  await untilAcceptQueueIsEmpty((onAccepted) => {
    const accept = () => {
      onAccepted()
      if (!isClosed) setImmediate(accept)
    }
    accept()
    return () => {
      isClosed = true
    }
  })
  assert.ok(isClosed)
})
