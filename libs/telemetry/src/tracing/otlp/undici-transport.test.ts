import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http'
import { UndiciTransport } from './undici-transport.ts'

interface ReceivedRequest {
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

type Answer = (response: ServerResponse) => unknown

/** A collector that answers its requests one by one as given, the last answer being that of all further ones. */
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

type Options = Parameters<typeof convertLegacyHttpOptions>[0]

function transportTo(url: string, options: Options = {}) {
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

test('a request holds the bytes, to the path and query, with headers that are asked for each time', async () => {
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
  test(`${code} is tried again when the collector says`, async () => {
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
  ['a moment that comes after the deadline', { 'retry-after': '60' }],
  ['none, and the deadline is near', {}],
] as const) {
  test(`503 is given up at once where the moment to try again is ${title}`, async () => {
    await using server = await collector(status(503, headers, 'later'))
    using transport = transportTo(server.url)
    const response = await transport.send(spans, 500)
    assert.ok(response.status === 'retryable' && response.error?.message === '503 Service Unavailable')
    assert.equal(server.received.length, 1)
  })
}

for (const code of [400, 403, 500]) {
  test(`${code} is not tried again, and its reason is kept`, async () => {
    await using server = await collector(status(code, {}, 'the reason'))
    using transport = transportTo(server.url)
    const response = await transport.send(spans, TIMEOUT_MS)
    assert.equal(response.status, 'failure')
    const { code: errorCode, data } = (response.status === 'failure' ? response.error : {}) as Record<string, unknown>
    assert.deepEqual({ errorCode, data }, { errorCode: code, data: 'the reason' })
    assert.equal(server.received.length, 1)
  })
}

test('a collector that resets the connection is tried again', async () => {
  await using server = await collector((response) => response.socket?.resetAndDestroy(), status(200))
  using transport = transportTo(server.url)
  assert.equal((await transport.send(spans, TIMEOUT_MS)).status, 'success')
  assert.equal(server.received.length, 2)
})

test('a collector that is down is named as the cause', async () => {
  using transport = transportTo('http://127.0.0.1:9/v1/traces')
  const response = await transport.send(spans, 300)
  assert.ok(response.status === 'retryable' && response.error?.message.includes('ECONNREFUSED'))
})

test('a collector that does not answer is left at the deadline', async () => {
  const closed = Promise.withResolvers<void>()
  await using server = await collector((response) => response.socket?.once('close', () => closed.resolve()))
  using transport = transportTo(server.url)
  const response = await transport.send(spans, 200)
  assert.ok(response.status === 'failure' && /did not answer within (19\d|200) ms/.test(response.error.message))
  await closed.promise
})

test('an answer without end is not read', async () => {
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
})
