import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ServiceProcess } from '@node-to-cloud/telemetry/testing'

const module = fileURLToPath(new URL('main.ts', import.meta.url))

/** Sends a request without its end, so that a worker is busy with it. */
async function beginRequest(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write('GET / HTTP/1.1\r\nHost: test\r\n')
  return socket
}

test('on SIGTERM the service is unready at once, refuses connections, and answers open requests with Connection: close', async () => {
  await using service = new ServiceProcess({ module })
  await service.untilReady()
  const url = await service.serviceUrl()
  const metricsUrl = await service.metricsUrl()
  const socket = await beginRequest(url)
  // Another client's request, which reached the same listener after it, has been accepted.
  await fetch(url)
  service.kill('SIGTERM')
  const readiness = await service.until('it is unready', async () => {
    const response = await fetch(`${metricsUrl}/readyz`)
    return response.status === 503 && response.text()
  })
  assert.equal(readiness, 'not ready: shutting down\n')
  assert.equal((await fetch(`${metricsUrl}/healthz`)).status, 200)
  await service.until('connections are refused', () =>
    beginRequest(url).then(
      () => false,
      () => true,
    ),
  )
  assert.ok(service.isRunning)
  socket.write('\r\n')
  const answer = await text(socket)
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
  assert.match(answer, /\r\nconnection: close\r\n/i)
  assert.ok(answer.endsWith('Hello World!'))
  assert.deepEqual(await service.exit, { code: 0, signal: null })
})

test('a client that never finishes its request does not keep the service running beyond SHUTDOWN_TIMEOUT_SECONDS', async () => {
  await using service = new ServiceProcess({ module, env: { SHUTDOWN_TIMEOUT_SECONDS: '3' } })
  await service.untilReady()
  const socket = await beginRequest(await service.serviceUrl())
  socket.on('error', () => {})
  await fetch(await service.serviceUrl())
  const startedAt = performance.now()
  service.kill('SIGTERM')
  await service.exit
  const seconds = (performance.now() - startedAt) / 1000
  assert.ok(seconds > 2 && seconds < 10, `it took ${seconds} s`)
  assert.ok(service.log.some(({ message }) => message?.startsWith('A worker did not drain in time and is killed')))
})
