import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { test } from 'node:test'
import { ConnectionLimit } from './connection-limit.ts'

for (const { descriptors, room } of [
  { descriptors: 1024, room: 1024 - 128 },
  { descriptors: 256, room: 128 },
  { descriptors: 61, room: 30 },
  { descriptors: 1, room: 1 },
]) {
  test(`of ${descriptors} descriptors ${room} are for connections`, () => {
    const limit = new ConnectionLimit(descriptors)
    const admitted = Array.from({ length: descriptors + 1 }, () => limit.enter()).filter(Boolean)
    assert.equal(admitted.length, room)
    assert.equal(limit.refused, descriptors + 1 - room)
    limit.leave()
    assert.equal(limit.enter(), true)
    assert.equal(limit.enter(), false)
  })
}

test('refusals are reported immediately, and then no more than once a minute', () => {
  const limit = new ConnectionLimit(2)
  const told: number[] = []
  limit.onRefusal((refused) => told.push(refused))
  for (let connection = 0; connection < 5; connection++) limit.enter()
  assert.deepEqual(told, [1])
  assert.equal(limit.refused, 4)
})

test('a server closes connections for which there is no room, and accepts new ones once others are gone', async () => {
  const limit = new ConnectionLimit(4)
  const server = createServer((socket) => socket.write('hello'))
  limit.watch(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const open = async () => {
    const socket = connect(port, '127.0.0.1')
    const { promise, resolve } = Promise.withResolvers<string>()
    socket.once('data', (data) => resolve(String(data)))
    socket.once('close', () => resolve('closed'))
    socket.once('error', () => resolve('closed'))
    return { socket, greeting: await promise }
  }
  const clients = [await open(), await open(), await open(), await open()]
  assert.deepEqual(
    clients.map(({ greeting }) => greeting),
    ['hello', 'hello', 'closed', 'closed'],
  )
  for (const { socket } of clients) socket.destroy()
  let later = await open()
  while (later.greeting !== 'hello') later = await open()
  later.socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})
