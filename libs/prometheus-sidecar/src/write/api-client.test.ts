import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http2'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { protos } from '@google-cloud/monitoring'
import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js'
import { connectApi } from './api-client.ts'
import { readRefusedRequest } from './api-error.ts'
import { encodeIdentity, encodeRequest } from './time-series-encoding.ts'

const { CreateTimeSeriesRequest, CreateTimeSeriesSummary } = protos.google.monitoring.v3

type Answer = (error: { code: number; details: string; metadata?: Metadata } | null, response?: Buffer) => void

/** A gRPC server with only CreateTimeSeries, which records requests and responds as configured. */
async function startApi(
  handle: (request: protos.google.monitoring.v3.CreateTimeSeriesRequest, answer: Answer, metadata: Metadata) => void,
) {
  const server = new Server()
  const bytes = (value: Buffer) => value
  server.addService(
    {
      createTimeSeries: {
        path: '/google.monitoring.v3.MetricService/CreateTimeSeries',
        requestStream: false,
        responseStream: false,
        requestSerialize: bytes,
        requestDeserialize: bytes,
        responseSerialize: bytes,
        responseDeserialize: bytes,
      },
    },
    {
      createTimeSeries: (call: { request: Buffer; metadata: Metadata }, answer: Answer) =>
        handle(CreateTimeSeriesRequest.decode(call.request), answer, call.metadata),
    },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  after(() => server.forceShutdown())
  const client = await connectApi({ host: '127.0.0.1', port, authenticated: false }, { projectId: 'demo' })
  after(() => client.close())
  return client
}

const REQUEST = encodeRequest('projects/demo', [
  {
    identity: encodeIdentity({
      metricType: 'x.test/up',
      metricLabels: new Map(),
      resourceType: 'global',
      resourceLabels: new Map(),
      metricKind: 'GAUGE',
      valueType: 'DOUBLE',
    }),
    integer: false,
    head: { point: { startMs: undefined, endMs: 5000, value: 1 } },
  },
])

const options = () => ({ timeoutMs: 20_000, signal: new AbortController().signal })

describe('connectApi, over plaintext gRPC', () => {
  it('sends a request as encoded, with the project in its headers', async () => {
    const requests: unknown[] = []
    const params: unknown[] = []
    const client = await startApi((request, answer, metadata) => {
      requests.push([request.name, request.timeSeries[0]?.metric?.type])
      params.push(...metadata.get('x-goog-request-params'))
      answer(null, Buffer.alloc(0))
    })
    await client.createTimeSeries(REQUEST, options())
    assert.deepEqual(requests, [['projects/demo', 'x.test/up']])
    assert.deepEqual(params, ['name=projects%2Fdemo'])
  })

  it('returns code, message and details of a refusal', async () => {
    const message = 'One or more TimeSeries could not be written: Bad value.: timeSeries[0]'
    const summary = CreateTimeSeriesSummary.encode({ totalPointCount: 1, successPointCount: 0 }).finish()
    const details = protos.google.rpc.Status.encode({
      code: 3,
      message,
      details: [{ type_url: 'type.googleapis.com/google.monitoring.v3.CreateTimeSeriesSummary', value: summary }],
    }).finish()
    const metadata = new Metadata()
    metadata.set('grpc-status-details-bin', Buffer.from(details))
    const client = await startApi((_request, answer) =>
      answer({ code: status.INVALID_ARGUMENT, details: message, metadata }),
    )
    await assert.rejects(
      client.createTimeSeries(REQUEST, options()),
      (error: Error & { code: number; details: Uint8Array }) => {
        assert.equal(error.message, message)
        const read = readRefusedRequest(error, 1)
        assert.deepEqual([...read.refusals], [[0, { code: 3, reason: 'Bad value.' }]])
        assert.equal(read.summary?.totalPoints, 1)
        return true
      },
    )
  })

  it('gives up after its timeout, and when it is aborted', async () => {
    const client = await startApi(() => {})
    await assert.rejects(client.createTimeSeries(REQUEST, { ...options(), timeoutMs: 50 }), {
      code: status.DEADLINE_EXCEEDED,
    })
    const abort = new AbortController()
    const call = client.createTimeSeries(REQUEST, { timeoutMs: 20_000, signal: abort.signal })
    abort.abort()
    await assert.rejects(call, { code: status.CANCELLED })
  })

  it('sends none of the bytes that are written over an answered request, even if it was answered before it had arrived', async () => {
    const MESSAGE_BYTES = 1024 * 1024
    const FRAME_BYTES = 5
    const REQUESTS = 20
    const received: Buffer[] = []
    const server = createServer()
    server.on('stream', (stream) => {
      const chunks: Buffer[] = []
      stream.on('error', () => {})
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('close', () => received.push(Buffer.concat(chunks)))
      // The first bytes of the request have arrived; the window of the stream is far smaller than the rest.
      stream.once('data', () => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' }, { endStream: true })
      })
    })
    server.listen(0, '127.0.0.1')
    after(() => server.close())
    await once(server, 'listening')
    const address = server.address()
    assert.ok(typeof address === 'object' && address !== null)
    const target = { host: '127.0.0.1', port: address.port, authenticated: false }
    const client = await connectApi(target, { projectId: 'demo' })
    const request = Buffer.alloc(MESSAGE_BYTES)
    for (let number = 1; number <= REQUESTS; number++) {
      request.fill(number)
      await client.createTimeSeries(request, options())
    }
    client.close()
    while (received.length < REQUESTS) await sleep(5)
    const numbers = new Set<number | undefined>()
    for (const bytes of received) {
      const message = bytes.subarray(FRAME_BYTES)
      const [number] = message
      assert.ok(message.every((byte) => byte === number))
      numbers.add(number)
    }
    assert.equal(numbers.size, REQUESTS)
  })

  it('reports UNAVAILABLE if nothing listens', async () => {
    const client = await connectApi({ host: '127.0.0.1', port: 1, authenticated: false }, { projectId: 'demo' })
    await assert.rejects(client.createTimeSeries(REQUEST, options()), { code: status.UNAVAILABLE })
    client.close()
  })
})
