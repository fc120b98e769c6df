import assert from 'node:assert/strict'
import dns from 'node:dns'
import { once } from 'node:events'
import { get, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { startRecording } from '../../test/recording.ts'
import { fastifyTelemetry } from './plugin.ts'

/** A service whose shutdown does not end the process. */
async function prepare(app: FastifyInstance) {
  const { telemetry, shutdown, exits, lines } = await startRecording('none')
  await app.register(fastifyTelemetry, { telemetry })
  return {
    shutdown,
    exits,
    lines: () => lines().map(({ message }) => message),
    portOf: () => (app.server.address() as AddressInfo).port,
  }
}

test('preClose hooks run first, so that they can end server-sent events; onClose hooks run once everything is answered', async () => {
  const app = Fastify({ return503OnClosing: false })
  const { shutdown, exits, portOf } = await prepare(app)
  const order: string[] = []
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<ServerResponse>()
  app.get('/events', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    reply.raw.once('finish', () => order.push('answered'))
    arrive(reply.raw)
  })
  app.addHook('preClose', async () => {
    order.push('preClose')
    ;(await arrived).end('data: bye\n\n')
  })
  app.addHook('onClose', async () => {
    order.push('onClose')
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const [response] = (await once(get({ port: portOf(), path: '/events' }), 'response')) as [IncomingMessage]
  const events = text(response)
  await shutdown.begin('test')
  assert.equal(await events, 'data: bye\n\n')
  assert.deepEqual(order, ['preClose', 'answered', 'onClose'])
  assert.deepEqual(exits, [0])
})

test('on localhost, requests are answered during the shutdown, and abandoned ones are recorded, on each of its addresses', async ({
  mock,
}) => {
  // As if localhost had two addresses, which it does not have on every machine.
  mock.method(dns, 'lookup', (host: string, options: unknown, done: unknown) => {
    const found = host === 'localhost' ? ['127.0.0.1', '127.0.0.2'] : [host]
    const addresses = found.map((address) => ({ address, family: 4 }))
    if (typeof options === 'function') options(null, found[0], 4)
    else if (typeof done === 'function') done(null, addresses)
  })
  const app = Fastify({ return503OnClosing: false })
  const { shutdown, exits, lines, portOf } = await prepare(app)
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  let arrivals = 0
  app.get('/slow', async () => {
    arrivals++
    await finished
    return 'late'
  })
  await app.listen({ port: 0, host: 'localhost' })
  const hosts = ['127.0.0.1', '127.0.0.2']
  const requests = hosts.flatMap((host) => [0, 1].map(() => get({ host, port: portOf(), path: '/slow' })))
  for (const request of requests) request.on('error', () => {})
  while (arrivals < requests.length) await new Promise((resolve) => setTimeout(resolve, 5))
  for (const [index, request] of requests.entries()) if (index % 2 === 1) request.destroy()
  while (lines().length < hosts.length) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.deepEqual(new Set(lines()), new Set(['GET /slow 499']))
  const answers = requests
    .filter((_request, index) => index % 2 === 0)
    .map(async (request) => {
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      return text(response)
    })
  const ended = shutdown.begin('test')
  await new Promise((resolve) => setTimeout(resolve, 100))
  finish()
  assert.deepEqual(
    await Promise.all(answers),
    hosts.map(() => 'late'),
  )
  await ended
  assert.deepEqual(exits, [0])
})

test('an idle HTTP/2 session does not delay the shutdown', async () => {
  const app = Fastify({ http2: true, return503OnClosing: false }) as unknown as FastifyInstance
  const { shutdown, exits, portOf } = await prepare(app)
  app.get('/', async () => 'hello')
  await app.listen({ port: 0, host: '127.0.0.1' })
  const session = connect(`http://127.0.0.1:${portOf()}`)
  assert.equal(await text(session.request({ ':path': '/' })), 'hello')
  const startedAt = performance.now()
  await shutdown.begin('test')
  assert.ok(performance.now() - startedAt < 4_000)
  assert.deepEqual(exits, [0])
})

test('without a shutdown, close() closes idle connections immediately, as in plain Fastify', async () => {
  const app = Fastify()
  const { portOf } = await prepare(app)
  app.get('/', async () => 'hello')
  await app.listen({ port: 0, host: '127.0.0.1' })
  await (await fetch(`http://127.0.0.1:${portOf()}/`)).text()
  const startedAt = performance.now()
  await app.close()
  assert.ok(performance.now() - startedAt < 1_000)
})
