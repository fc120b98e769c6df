import assert from 'node:assert/strict'
import { AsyncResource } from 'node:async_hooks'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { isInParserCallback, rememberParser } from './parser-callback.ts'

test("the listeners of a server's request run in a callback of its connection's parser, what follows later does not", async () => {
  const seen: [string, boolean][] = []
  let earlier: IncomingMessage | undefined
  const server = createServer((request, response) => {
    const { socket } = request
    const look = (where: string) => seen.push([where, isInParserCallback(socket)])
    look('listener')
    new AsyncResource('Scope').runInAsyncScope(look, undefined, 'scope')
    if (earlier !== undefined) seen.push(['other connection', isInParserCallback(earlier.socket)])
    earlier = request
    process.nextTick(look, 'next tick')
    Promise.resolve('microtask').then(look)
    setImmediate(() => {
      look('immediate')
      response.end()
    })
  })
  server.on('connection', rememberParser)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  for (let count = 0; count < 2; count++) {
    const [response] = await once(get({ port, host: '127.0.0.1', agent: false }), 'response')
    await once(response.resume(), 'end')
  }
  server.close()
  const later: [string, boolean][] = [
    ['next tick', false],
    ['microtask', false],
    ['immediate', false],
  ]
  assert.deepEqual(seen, [
    ...([
      ['listener', true],
      ['scope', false],
    ] as const),
    ...later,
    ...([
      ['listener', true],
      ['scope', false],
      ['other connection', false],
    ] as const),
    ...later,
  ])
})

test('requests of HTTP/2 have no parser', async () => {
  const seen: boolean[] = []
  const server = createHttp2Server((request, response) => {
    seen.push(isInParserCallback(request.socket))
    response.end()
  })
  server.on('connection', rememberParser)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const stream = session.request({ ':path': '/' })
  await once(stream.resume(), 'end')
  session.close()
  server.close()
  assert.deepEqual(seen, [false])
})
