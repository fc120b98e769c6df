import assert from 'node:assert/strict'
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import Fastify from 'fastify'
import { createLogger } from '../logs/logger.ts'
import { InFlightRequest, watchResponses } from './request/in-flight-request.ts'
import { RequestLog } from './request-log.ts'

test('the line of a request whose client has left by then is complete, without its address', async () => {
  const lines: string[] = []
  const { logger } = await createLogger({ destination: { write: (line) => void lines.push(line) } })
  const log = new RequestLog(logger)
  const app = Fastify()
  watchResponses()
  const { promise: answered, resolve } = Promise.withResolvers<void>()
  app.addHook('onRequest', (request, reply, done) => {
    new InFlightRequest(request, reply.raw, (inFlight) => {
      log.write(inFlight, reply.statusCode, 0.25)
      resolve()
    })
    done()
  })
  app.get('/', (request, reply) => {
    reply.raw.prependOnceListener('finish', () => request.raw.socket.destroy())
    return reply.send('hello')
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  get({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1' }).on('error', () => {})
  await answered
  await app.close()
  const { message, httpRequest } = JSON.parse(lines[0] ?? '')
  assert.equal(message, 'GET / 200')
  assert.equal(httpRequest.latency, '0.250000s')
  assert.equal('remoteIp' in httpRequest, false)
})
