import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import fastify from 'fastify'
import { encodeVersion2 } from '../../test/testing/version-2-encoder.ts'
import { compress, encodeWriteRequest, sortedLabels } from '../../test/testing/write-request-encoder.ts'
import { type Ingester, NOTHING_INVALID, RetryLaterError } from '../model/ingester.ts'
import type { MetricMetadata } from '../model/metadata.ts'
import type { SampleBatch } from '../model/sample.ts'
import { type RemoteWriteOptions, registerRemoteWrite } from './receiver.ts'

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
}

const VERSION_2 = {
  'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
  'x-prometheus-remote-write-version': '2.0.0',
}

const ONE_SAMPLE = compress(
  encodeWriteRequest({
    timeseries: [{ labels: sortedLabels({ __name__: 'up', job: 'app' }), samples: [{ value: 1, timestamp: 1000 }] }],
  }),
)

function receiver(context: TestContext, ingest: Ingester['ingest'], options: Partial<RemoteWriteOptions> = {}) {
  const taken = { batches: [] as SampleBatch[], metadata: [] as MetricMetadata[], deadlinesMs: [] as number[] }
  const counted = { statuses: [] as number[], samples: 0, nativeHistograms: 0, droppedSamples: 0, droppedExemplars: 0 }
  const logLines: string[] = []
  const note = (fields: object, message: string) => void logLines.push(`${message} ${JSON.stringify(fields)}`)
  const server = fastify({ logger: false })
  registerRemoteWrite(server, {
    ingester: {
      ingest: (batch, limits) => {
        taken.batches.push(batch)
        taken.deadlinesMs.push(limits.deadlineMs)
        return ingest(batch, limits)
      },
      addMetadata: (metadata) => void taken.metadata.push(...metadata),
      seriesOf: () => undefined,
      seriesAfter: () => undefined,
    },
    log: { debug() {}, warn: note, error: note },
    counters: {
      answered: (status) => void counted.statuses.push(status),
      samplesReceived: (count) => {
        counted.samples += count
      },
      nativeHistogramsReceived: (count) => {
        counted.nativeHistograms += count
      },
      sampleDropped: () => {
        counted.droppedSamples += 1
      },
      exemplarDropped: () => {
        counted.droppedExemplars += 1
      },
    },
    ...options,
  })
  context.after(() => server.close())
  const post = (body: Buffer, headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
    server.inject({
      method: 'POST',
      url: '/api/v1/write',
      headers: { ...HEADERS, ...headers },
      payload: body,
      remoteAddress,
    })
  return { taken, counted, logLines, post, server }
}

test('answers 204 once the samples are ingested', async (context) => {
  const { post, taken, counted } = receiver(context, async () => NOTHING_INVALID)
  const response = await post(ONE_SAMPLE)
  assert.equal(response.statusCode, 204)
  assert.deepEqual(taken.batches[0]?.values, [1])
  assert.deepEqual(taken.batches[0]?.timestampsMs, [1000])
  assert.deepEqual(counted, {
    statuses: [204],
    samples: 1,
    nativeHistograms: 0,
    droppedSamples: 0,
    droppedExemplars: 0,
  })
  const deadlineMs = taken.deadlinesMs[0] ?? 0
  assert.ok(deadlineMs > 20_000 && deadlineMs <= 25_000, `${deadlineMs} ms are left of 25 s`)
})

test('passes on metadata, even from a request that contains nothing else', async (context) => {
  const { post, taken } = receiver(context, async () => NOTHING_INVALID)
  const body = readFileSync(new URL('../../testdata/remote-write/metadata.bin', import.meta.url))
  assert.equal((await post(body)).statusCode, 204)
  assert.equal(taken.metadata.length, 4)
  assert.equal(taken.batches.length, 0)
})

test('counts native histograms', async (context) => {
  const { post, counted } = receiver(context, async () => NOTHING_INVALID)
  const body = encodeWriteRequest({
    timeseries: [{ labels: sortedLabels({ __name__: 'latency' }), histograms: [{ sum: 1, timestamp: 1 }] }],
  })
  assert.equal((await post(compress(body))).statusCode, 204)
  assert.equal(counted.nativeHistograms, 1)
})

test('answers 503 when the samples must be resent', async (context) => {
  const failures: [string, Error, RegExp][] = [
    ['a deadline', new RetryLaterError('deadline', 'not stored within 25 s'), /not stored within 25 s/],
    ['an unexpected error', new Error('secret'), /^the samples could not be ingested\n$/],
  ]
  for (const [name, failure, body] of failures) {
    const { post } = receiver(context, () => Promise.reject(failure))
    const response = await post(ONE_SAMPLE)
    assert.equal(response.statusCode, 503, name)
    assert.match(response.body, body, name)
  }
})

test('permanently rejects what it can’t read, with one log line', async (context) => {
  const cases: [string, Buffer, Record<string, string>, number, RegExp][] = [
    ['no body', Buffer.alloc(0), {}, 400, /no valid length|no body/],
    ['not snappy', Buffer.from('text'), {}, 400, /snappy/],
    ['not protobuf', compress(Buffer.from('text')), {}, 400, /message|wire type|number/],
    ['too large a body', Buffer.alloc(2000), {}, 413, /larger than 1000 bytes/],
    [
      'too large when decompressed',
      compress(Buffer.alloc(5000)),
      {},
      413,
      /decompresses to 5000 bytes, more than 4000/,
    ],
    ['no compression', ONE_SAMPLE, { 'content-encoding': 'identity' }, 415, /must be snappy, not identity/],
    ['JSON', ONE_SAMPLE, { 'content-type': 'application/json' }, 415, /must be application\/x-protobuf/],
    [
      'an unknown message',
      ONE_SAMPLE,
      { 'content-type': 'application/x-protobuf;proto=example.Request' },
      415,
      /must be prometheus\.WriteRequest or io\.prometheus\.write\.v2\.Request, not example\.Request/,
    ],
    ['not protobuf of 2.0', compress(Buffer.from('text')), VERSION_2, 400, /message|wire type|number/],
    [
      'a symbol table of 2.0 that starts with a name',
      compress(Buffer.of(0x22, 1, 0x61)),
      VERSION_2,
      400,
      /first symbol/,
    ],
  ]
  for (const [name, body, headers, status, message] of cases) {
    const { post, taken, logLines, counted } = receiver(context, async () => NOTHING_INVALID, {
      maxBodyBytes: 1000,
      maxDecompressedBytes: 4000,
    })
    const response = await post(body, headers)
    assert.equal(response.statusCode, status, name)
    assert.match(response.body, message, name)
    assert.equal(taken.batches.length, 0, name)
    assert.equal(logLines.length, 1, `${name}: ${logLines}`)
    assert.deepEqual(counted.statuses, [status], name)
  }
})

test('limits the number of series, samples, exemplars and metadata in a request', async (context) => {
  const field = (tag: number, ...content: number[]) => [tag, content.length, ...content]
  const label = field(0x0a)
  const times = (count: number, bytes: number[]) => Array.from({ length: count }, () => bytes).flat()
  const bodies: [string, number[]][] = [
    ['series', times(11, field(0x0a, ...label, ...field(0x12)))],
    ['samples', field(0x0a, ...label, ...times(11, field(0x12)))],
    ['exemplars', field(0x0a, ...label, ...times(11, field(0x1a)))],
    ['metadata', times(11, field(0x1a))],
  ]
  for (const [name, body] of bodies) {
    const { post, logLines } = receiver(context, async () => NOTHING_INVALID, { maxItems: 10 })
    const { statusCode, body: text } = await post(compress(Buffer.from(body)))
    assert.equal(statusCode, 413, name)
    assert.match(text, /more than 10 series, samples, exemplars and metadata together; reduce max_samples_per_send/)
    assert.equal(logLines.length, 1, name)
  }
  const { post } = receiver(context, async () => NOTHING_INVALID, { maxItems: 10 })
  assert.equal((await post(ONE_SAMPLE)).statusCode, 204)
})

test('accepts all spellings of the 1.0 message and its encoding', async (context) => {
  const { post } = receiver(context, async () => NOTHING_INVALID)
  const cases: Record<string, string>[] = [
    { 'content-type': 'application/x-protobuf;proto=prometheus.WriteRequest' },
    { 'content-type': 'Application/X-Protobuf; PROTO="prometheus.WriteRequest"' },
    { 'content-encoding': 'Snappy' },
  ]
  for (const headers of cases) assert.equal((await post(ONE_SAMPLE, headers)).statusCode, 204, JSON.stringify(headers))
})

test('stores the good series of a request, and answers 400 for the others', async (context) => {
  const { post, taken, counted, logLines } = receiver(context, async () => NOTHING_INVALID)
  const good = encodeWriteRequest({
    timeseries: [{ labels: sortedLabels({ __name__: 'up' }), samples: [{ value: 1, timestamp: 1000 }] }],
  })
  const bad = Buffer.of(0x0a, 4, 0x12, 2, 0x10, 1)
  const response = await post(compress(Buffer.concat([good, bad, good])))
  assert.equal(response.statusCode, 400)
  assert.equal(response.body, "1 series can't be used; the others are stored: a series has no labels\n")
  assert.deepEqual(taken.batches[0]?.values, [1, 1])
  assert.equal(counted.droppedSamples, 1)
  assert.equal(logLines.length, 1)
})

test('has a request that could not be stored resent as a whole, whatever else is wrong with it', async (context) => {
  const { post, counted } = receiver(context, () => Promise.reject(new RetryLaterError('full', 'later')))
  const good = encodeWriteRequest({
    timeseries: [{ labels: sortedLabels({ __name__: 'up' }), samples: [{ value: 1, timestamp: 1000 }] }],
  })
  assert.equal((await post(compress(Buffer.concat([good, Buffer.of(0x0a, 4, 0x12, 2, 0x10, 1)])))).statusCode, 503)
  assert.equal(counted.droppedSamples, 0)
})

test('limits the bodies of all open requests together, even while they are still being received', async (context) => {
  const { server } = receiver(context, async () => NOTHING_INVALID, { maxBodyBytes: 1000, maxReceivedBytes: 1500 })
  const url = new URL(await server.listen({ port: 0, host: '127.0.0.1' }))
  const open = (length: number) => {
    const request = httpRequest({
      port: url.port,
      host: url.hostname,
      method: 'POST',
      path: '/api/v1/write',
      headers: { ...HEADERS, 'content-length': length },
    })
    request.on('error', () => {})
    request.flushHeaders()
    return request
  }
  const first = open(1000)
  await once(server.server, 'request')
  const second = open(1000)
  const [refused] = await once(second, 'response')
  assert.equal(refused.statusCode, 503)
  second.destroy()
  first.destroy()
  await setTimeout(50)
  const third = open(ONE_SAMPLE.length)
  third.end(ONE_SAMPLE)
  const [stored] = await once(third, 'response')
  assert.equal(stored.statusCode, 204)
})

test('accepts writes only from this machine, unless configured otherwise', async (context) => {
  const cases: [string, boolean, number][] = [
    ['127.0.0.1', false, 204],
    ['127.8.8.8', false, 204],
    ['::1', false, 204],
    ['::ffff:127.0.0.1', false, 204],
    ['10.1.2.3', false, 403],
    ['::ffff:10.1.2.3', false, 403],
    ['2001:db8::1', false, 403],
    ['10.1.2.3', true, 204],
  ]
  for (const [peer, allowRemotePeers, status] of cases) {
    const { post } = receiver(context, async () => NOTHING_INVALID, { allowRemotePeers })
    assert.equal((await post(ONE_SAMPLE, {}, peer)).statusCode, status, `${peer}, ${allowRemotePeers}`)
  }
})

for (const limits of [{ maxInFlightBytes: 60 }, { maxInFlightItems: 3 }]) {
  test(`limits the content of open requests: ${JSON.stringify(limits)}`, async (context) => {
    const release: (() => void)[] = []
    const { post } = receiver(
      context,
      () => new Promise((resolve) => void release.push(() => resolve(NOTHING_INVALID))),
      limits,
    )
    const first = post(ONE_SAMPLE)
    while (release.length === 0) await new Promise((resolve) => setImmediate(resolve))
    assert.equal((await post(ONE_SAMPLE)).statusCode, 503)
    release[0]?.()
    assert.equal((await first).statusCode, 204)
    const third = post(ONE_SAMPLE)
    while (release.length === 1) await new Promise((resolve) => setImmediate(resolve))
    release[1]?.()
    assert.equal((await third).statusCode, 204)
  })
}

test('tells a 2.0 sender how much of its request was accepted', async (context) => {
  const labels = { __name__: 'up', job: 'app' }
  const histogram = { timestamp: 1000, countInt: 1, sum: 1, zeroCountInt: 1 }
  const exemplars = [{ labels: { trace_id: 'a' }, value: 1, timestamp: 1000 }]
  const good = { labels, samples: [{ value: 1, timestamp: 1000 }], exemplars }
  const headersOf = (headers: Record<string, unknown>) =>
    ['samples', 'histograms', 'exemplars'].map((kind) => headers[`x-prometheus-remote-write-${kind}-written`])
  const cases = [
    ['all', [good, { labels, histograms: [histogram] }], NOTHING_INVALID, 204, ['1', '1', '1']],
    ['no metric name', [good, good], { ...NOTHING_INVALID, series: 1, samples: 1 }, 400, ['1', '0', '2']],
    ['nothing', [], NOTHING_INVALID, 204, ['0', '0', '0']],
    ['a series without content', [good, { labels }], NOTHING_INVALID, 400, ['1', '0', '1']],
    ['a duplicate label', [{ ...good, labels: { '': 'x' } }, good], NOTHING_INVALID, 400, ['1', '0', '1']],
    ['a wrong count', [{ labels, histograms: [{ ...histogram, countInt: 2 }] }], NOTHING_INVALID, 400, ['0', '0', '0']],
  ] as const
  for (const [title, timeseries, invalid, status, written] of cases) {
    const { post } = receiver(context, async () => invalid)
    const response = await post(compress(encodeVersion2({ timeseries })), VERSION_2)
    assert.equal(response.statusCode, status, title)
    assert.deepEqual(headersOf(response.headers), written, title)
  }
  const { post } = receiver(context, async () => NOTHING_INVALID)
  assert.deepEqual(headersOf((await post(ONE_SAMPLE)).headers), [undefined, undefined, undefined])
})
