import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { type FastifyServer, listenOn } from './listen-on.ts'

const address = { host: '127.0.0.1', port: 9091 }

function serverThat(parts: Partial<FastifyServer>): FastifyServer {
  return { ready: async () => undefined, listen: async () => 'http://127.0.0.1:9091', ...parts }
}

test('listens once the plugins are loaded', async () => {
  const calls: unknown[] = []
  const server = serverThat({
    ready: async () => calls.push('ready'),
    listen: async (given) => {
      calls.push(given)
      return ''
    },
  })
  await listenOn(server, address)
  assert.deepEqual(calls, ['ready', address])
})

test('names the option, the address and what to do if the port is in use', async (context) => {
  const first = createServer().listen(0, '127.0.0.1')
  await once(first, 'listening')
  context.after(() => first.close())
  const bound = first.address()
  assert.ok(typeof bound === 'object' && bound !== null)
  const server = serverThat({
    listen: async ({ host, port }) => {
      await once(createServer().listen(port, host), 'listening')
      return ''
    },
  })
  await assert.rejects(listenOn(server, { host: '127.0.0.1', port: bound.port }, '--web.listen-address'), {
    name: 'ListenError',
    message: `--web.listen-address: can't listen on 127.0.0.1:${bound.port}: another process has this port; end it or choose another port`,
  })
})

test('throws what a plugin throws', async () => {
  const broken = new Error('a plugin failed')
  const server = serverThat({ ready: () => Promise.reject(broken) })
  await assert.rejects(listenOn(server, address), (error) => error === broken)
})
