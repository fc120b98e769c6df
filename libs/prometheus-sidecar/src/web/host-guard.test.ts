import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import { guardHosts } from './host-guard.ts'

const cases: readonly [listenHost: string, host: string, origin: string | undefined, status: number][] = [
  ['127.0.0.1', '127.0.0.1:9091', undefined, 200],
  ['127.0.0.1', 'localhost:9091', undefined, 200],
  ['127.0.0.1', 'sidecar.localhost', undefined, 200],
  ['::1', '[::1]:9091', undefined, 200],
  ['127.0.0.1', 'rebound.example.com:9091', undefined, 403],
  ['127.0.0.1', '127.0.0.1.example.com', undefined, 403],
  ['127.0.0.1', '10.1.2.3:9091', undefined, 403],
  ['127.0.0.1', 'metrics.example.org', undefined, 200],
  ['0.0.0.0', '10.1.2.3:9091', undefined, 200],
  ['0.0.0.0', '[2001:db8::1]:9091', undefined, 200],
  ['0.0.0.0', 'prometheus.monitoring.svc:9091', undefined, 200],
  ['0.0.0.0', 'prometheus', undefined, 200],
  ['0.0.0.0', 'rebound.example.com', undefined, 403],
  ['127.0.0.1', 'localhost:9091', 'http://localhost:9091', 200],
  ['127.0.0.1', 'localhost:9091', 'http://localhost:8080', 403],
  ['127.0.0.1', 'localhost:9091', 'null', 403],
]
for (const [listenHost, host, origin, status] of cases) {
  test(`on ${listenHost}, ${host}${origin === undefined ? '' : ` from ${origin}`} gets ${status}`, async () => {
    const server = fastify()
    guardHosts(server, { listenHost, allowedHosts: ['Metrics.example.org'] })
    server.get('/', async () => 'ok')
    const response = await server.inject({ url: '/', headers: { host, ...(origin === undefined ? {} : { origin }) } })
    assert.equal(response.statusCode, status, response.body)
  })
}
