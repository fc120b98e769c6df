import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http'
import { makeSelfSigned } from '../../../../test/testing/self-signed.ts'
import type { OtlpTraceExporterOptions } from './trace-exporter.ts'
import { UndiciTransport } from './undici-transport.ts'

interface ReceivedRequest {
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

type Answer = (response: ServerResponse) => unknown

/** A collector that gives these responses one after another, the last one also to all later requests. */
async function collector(...answers: Answer[]) {
  const received: ReceivedRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => {
      received.push({ url: request.url, headers: request.headers, body: Buffer.concat(chunks) })
      answers[Math.min(received.length, answers.length) - 1]?.(response)
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces?tenant=a`
  return {
    url,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function transportTo(url: string, options: OtlpTraceExporterOptions = {}) {
  const transport = new UndiciTransport(
    convertLegacyHttpOptions({ url, ...options }, 'TRACES', 'v1/traces', { 'content-type': 'application/x-protobuf' }),
  )
  return Object.assign(transport, { [Symbol.dispose]: () => transport.shutdown() })
}

const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (response) =>
    response.writeHead(code, headers).end(body)

const TIMEOUT_MS = 10_000
const spans = Buffer.from([10, 3, 1, 2, 3])

test('a request contains the bytes, for the path and query, with headers that are computed each time', async () => {
  await using server = await collector(status(200, {}, 'taken'))
  let token = 0
  using transport = transportTo(server.url, { headers: async () => ({ authorization: `Bearer ${++token}` }) })
  assert.deepEqual(await transport.send(spans, TIMEOUT_MS), { status: 'success', data: Buffer.from('taken') })
  assert.deepEqual(await transport.send(spans, TIMEOUT_MS), { status: 'success', data: Buffer.from('taken') })
  assert.deepEqual(
    server.received.map(({ url, headers, body }) => [
      ...[url, headers['content-type'], headers.authorization, headers['content-length']],
      body.toString('hex'),
    ]),
    [1, 2].map((number) => ['/v1/traces?tenant=a', 'application/x-protobuf', `Bearer ${number}`, '5', '0a03010203']),
  )
})

for (const [title, headers, expected] of [
  ['are sent', {}, `Basic ${Buffer.from('söme:p@ss').toString('base64')}`],
  ['give way to a header', { authorization: 'Bearer 1' }, 'Bearer 1'],
] as const) {
  test(`credentials in the URL ${title}`, async () => {
    await using server = await collector(status(200))
    using transport = transportTo(server.url.replace('//', '//s%C3%B6me:p%40ss@'), { headers })
    assert.equal((await transport.send(spans, TIMEOUT_MS)).status, 'success')
    assert.equal(server.received[0]?.headers.authorization, expected)
  })
}

test('a request goes to localhost, whichever of its addresses the collector has', async () => {
  await using server = await collector(status(200))
  using transport = transportTo(server.url.replace('127.0.0.1', 'localhost'))
  assert.equal((await transport.send(spans, TIMEOUT_MS)).status, 'success')
})

test('OTEL_EXPORTER_OTLP_COMPRESSION=gzip compresses', async () => {
  await using server = await collector(status(200))
  process.env.OTEL_EXPORTER_OTLP_COMPRESSION = 'gzip'
  try {
    using transport = transportTo(server.url)
    assert.equal((await transport.send(spans, TIMEOUT_MS)).status, 'success')
    assert.equal(server.received[0]?.headers['content-encoding'], 'gzip')
    assert.deepEqual(gunzipSync(server.received[0]?.body ?? ''), spans)
  } finally {
    delete process.env.OTEL_EXPORTER_OTLP_COMPRESSION
  }
})

for (const code of [429, 502, 503, 504]) {
  test(`${code} is retried when the collector says`, async () => {
    await using server = await collector(
      status(code, { 'retry-after': '0' }),
      status(code, { 'retry-after': new Date(0).toUTCString() }),
      status(200),
    )
    using transport = transportTo(server.url)
    assert.equal((await transport.send(spans, TIMEOUT_MS)).status, 'success')
    assert.deepEqual(
      server.received.map(({ body }) => body),
      [spans, spans, spans],
    )
  })
}

for (const [title, headers] of [
  ['a time after the deadline', { 'retry-after': '60' }],
  ['none, and the deadline is near', {}],
] as const) {
  test(`503 is given up immediately if the time to retry is ${title}`, async () => {
    await using server = await collector(status(503, headers, 'later'))
    using transport = transportTo(server.url)
    const response = await transport.send(spans, 500)
    assert.ok(response.status === 'retryable' && response.error?.message === '503 Service Unavailable')
    assert.equal(server.received.length, 1)
  })
}

for (const code of [400, 403, 500]) {
  test(`${code} is not retried, and its reason is kept`, async () => {
    await using server = await collector(status(code, {}, 'the reason'))
    using transport = transportTo(server.url)
    const response = await transport.send(spans, TIMEOUT_MS)
    assert.equal(response.status, 'failure')
    const { code: errorCode, data } = (response.status === 'failure' ? response.error : {}) as Record<string, unknown>
    assert.deepEqual({ errorCode, data }, { errorCode: code, data: 'the reason' })
    assert.equal(server.received.length, 1)
  })
}

for (const [title, close] of [
  ['resets the connection', (response) => response.socket?.resetAndDestroy()],
  ['closes the connection', (response) => response.socket?.destroy()],
] satisfies [string, Answer][]) {
  test(`a request to a collector that ${title} is retried`, async () => {
    await using server = await collector(close, status(200))
    using transport = transportTo(server.url)
    assert.equal((await transport.send(spans, TIMEOUT_MS)).status, 'success')
    assert.equal(server.received.length, 2)
  })
}

for (const [code, expected, requests] of [
  [200, 'success', 1],
  [400, 'failure', 1],
  [503, 'success', 2],
] as const) {
  test(`${code} counts as a response even if its body is cut off`, async () => {
    await using server = await collector(
      (response) =>
        response
          .writeHead(code, { 'content-length': '100', 'retry-after': '0' })
          .write('the', () => response.socket?.destroy()),
      status(200),
    )
    using transport = transportTo(server.url)
    assert.equal((await transport.send(spans, TIMEOUT_MS)).status, expected)
    assert.equal(server.received.length, requests)
  })
}

test('a collector that always asks for more time gets six requests', async () => {
  await using server = await collector(status(503, { 'retry-after': '0' }))
  using transport = transportTo(server.url)
  assert.equal((await transport.send(spans, TIMEOUT_MS)).status, 'retryable')
  assert.equal(server.received.length, 6)
})

test('the time to compute headers counts', async () => {
  await using server = await collector(status(200))
  using transport = transportTo(server.url, {
    headers: async () => {
      await setTimeout(100)
      return {}
    },
  })
  const response = await transport.send(spans, 50)
  assert.ok(response.status === 'failure' && response.error.message === 'nothing was sent within 50 ms')
  assert.equal(server.received.length, 0)
})

test('a request that timed out while it waited for a connection is not sent later', async () => {
  let answerFirst = () => {}
  await using server = await collector((response) => {
    answerFirst = () => response.end()
  }, status(200))
  using transport = transportTo(server.url, { concurrencyLimit: 1 })
  const first = transport.send(spans, TIMEOUT_MS)
  assert.equal((await transport.send(spans, 100)).status, 'failure')
  answerFirst()
  assert.equal((await first).status, 'success')
  assert.equal((await transport.send(spans, TIMEOUT_MS)).status, 'success')
  assert.equal(server.received.length, 2)
})

test('requests that are seconds apart share a connection, and leave no timer behind', async () => {
  const ports = new Set<number | undefined>()
  await using server = await collector((response) => {
    ports.add(response.socket?.remotePort)
    response.end()
  })
  using transport = transportTo(server.url)
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  await transport.send(spans, TIMEOUT_MS)
  assert.equal(timers(), before)
  await setTimeout(4_500)
  await transport.send(spans, TIMEOUT_MS)
  assert.equal(ports.size, 1)
})

test('of headers whose names differ only in case the last one is sent, and the exporter sends its User-Agent', async () => {
  await using server = await collector(status(200))
  using transport = transportTo(server.url, { headers: { Authorization: 'one', authorization: 'two' } })
  await transport.send(spans, TIMEOUT_MS)
  assert.equal(server.received[0]?.headers.authorization, 'two')
  assert.equal(server.received[0]?.headers['user-agent'], 'OTel-OTLP-Exporter-JavaScript')
})

test("the process' own fetch stays Node's", async () => {
  await using server = await collector(status(200))
  using transport = transportTo(server.url)
  await transport.send(spans, TIMEOUT_MS)
  const loaded = Object.keys(createRequire(import.meta.url).cache)
  assert.ok(loaded.some((file) => file.endsWith('/undici/lib/dispatcher/pool.js')))
  assert.ok(!loaded.some((file) => /\/undici\/(index|lib\/global)\.js$/.test(file)))
})

test('certificates of OTEL_EXPORTER_OTLP_… are presented and verified', async (context) => {
  const selfSigned = makeSelfSigned('localhost')
  if (selfSigned === undefined) return context.skip('openssl is not installed')
  const { keyFile: key, certificateFile: certificate } = selfSigned
  const cert = readFileSync(certificate)
  const server = createTlsServer(
    { key: readFileSync(key), cert, ca: cert, requestCert: true, rejectUnauthorized: true },
    (_request, response) => response.end(),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://localhost:${(server.address() as AddressInfo).port}/v1/traces`
  const environment = {
    OTEL_EXPORTER_OTLP_CERTIFICATE: certificate,
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: certificate,
    OTEL_EXPORTER_OTLP_CLIENT_KEY: key,
  }
  try {
    using stranger = transportTo(url)
    assert.notEqual((await stranger.send(spans, 500)).status, 'success')
    Object.assign(process.env, environment)
    using known = transportTo(url)
    assert.equal((await known.send(spans, TIMEOUT_MS)).status, 'success')
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name]
    server.closeAllConnections()
    server.close()
  }
})

test('a collector that is down is named as the cause', async () => {
  using transport = transportTo('http://127.0.0.1:9/v1/traces')
  const response = await transport.send(spans, 300)
  assert.ok(response.status === 'retryable' && response.error?.message.includes('ECONNREFUSED'))
})

test('a collector that does not respond is given up at the deadline', async () => {
  const closed = Promise.withResolvers<void>()
  await using server = await collector((response) => response.socket?.once('close', () => closed.resolve()))
  using transport = transportTo(server.url)
  const response = await transport.send(spans, 200)
  assert.ok(response.status === 'failure' && /did not answer within (19\d|200) ms/.test(response.error.message))
  await closed.promise
})

test('an endless response is not read', async () => {
  await using server = await collector((response) => {
    const mebibyte = Buffer.alloc(1024 * 1024)
    const more = () => {
      while (!response.destroyed && response.write(mebibyte));
    }
    response.on('drain', more)
    more()
  })
  using transport = transportTo(server.url)
  const response = await transport.send(spans, TIMEOUT_MS)
  assert.ok(response.status === 'failure' && response.error.message.includes('longer than 4194304 bytes'))
})

test('after the shutdown nothing is sent', async () => {
  await using server = await collector(status(200))
  using transport = transportTo(server.url)
  await transport.send(spans, TIMEOUT_MS)
  transport.shutdown()
  assert.equal((await transport.send(spans, TIMEOUT_MS)).status, 'failure')
  assert.equal(server.received.length, 1)
  const unused = transportTo(server.url)
  unused.shutdown()
  assert.equal((await unused.send(spans, TIMEOUT_MS)).status, 'failure')
  assert.equal(server.received.length, 1)
})
