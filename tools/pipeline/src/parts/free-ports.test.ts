import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { takenPorts } from './free-ports.ts'
import type { Part } from './parts.ts'

test('a port that another process uses is reported with its part; free ports are not', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  assert(address !== null && typeof address === 'object')
  const part = (name: string, ports: number[]): Part => ({
    name,
    ports,
    url: '',
    shows: '',
    healthUrl: '',
    command: { program: name, args: [] },
    env: {},
  })
  assert.deepEqual(await takenPorts([part('free', [0]), part('flask-app', [address.port])]), [
    { part: 'flask-app', port: address.port, message: 'another process is listening on it' },
  ])
})
