import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ServiceProcess } from '@node-to-cloud/telemetry/testing'

const module = fileURLToPath(new URL('main.ts', import.meta.url))

/** Sends an incomplete request, so that a worker is busy with it. */
async function beginRequest(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write('GET / HTTP/1.1\r\nHost: test\r\n')
  return socket
}

test('on SIGTERM the service becomes unready at once, refuses connections, and answers requests in progress with Connection: close', async () => {
  await using service = new ServiceProcess({ module })
  await service.untilReady()
  const url = await service.serviceUrl()
  const metricsUrl = await service.metricsUrl()
  const socket = await beginRequest(url)
  // A later request on the same listener has been answered, so this one has been accepted.
  await fetch(url)
  service.kill('SIGTERM')
  const readiness = await service.until('the service is unready', async () => {
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

for (const [signal, env] of [
  ['SIGTERM', {}],
  ['SIGHUP', { RELOAD_ON_SIGHUP: 'true', WORKERS: '1' }],
] as const) {
  test(`on ${signal} clients that have sent nothing, or only part of a request head, do not delay a worker`, async () => {
    await using service = new ServiceProcess({ module, env })
    await service.untilReady()
    const url = await service.serviceUrl()
    const workers = service.children
    const silent = connect(Number(new URL(url).port), new URL(url).hostname)
    for (const socket of [await beginRequest(url), silent]) socket.on('error', () => {})
    await fetch(url)
    service.kill(signal)
    const startedAt = performance.now()
    await service.until('the workers have exited', () => !service.children.some((pid) => workers.includes(pid)))
    if (signal === 'SIGTERM') assert.deepEqual(await service.exit, { code: 0, signal: null })
    else await service.untilLog(/^Rolling restart: done/)
    const seconds = (performance.now() - startedAt) / 1000
    assert.ok(seconds < 10, `it took ${seconds} s`)
    assert.equal(
      service.log.some(({ message }) => message?.startsWith('A worker did not drain in time')),
      false,
    )
  })
}
