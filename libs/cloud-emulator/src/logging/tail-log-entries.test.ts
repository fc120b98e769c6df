import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, type TestContext, test } from 'node:test'
import { Client, type ClientDuplexStream, credentials, type ServiceError } from '@grpc/grpc-js'
import { entryOf } from '../../test/testing/log-entries.ts'
import { requestJson, startTestEmulator, type TestEmulator } from '../../test/testing/running-emulator.ts'
import { messageCodec } from '../protos/registry.ts'

interface TailAnswer {
  entries: { textPayload: string }[]
}

const requests = messageCodec<object>('google.logging.v2.TailLogEntriesRequest')
const answers = messageCodec<TailAnswer>('google.logging.v2.TailLogEntriesResponse')
const PROJECT = { resourceNames: ['projects/demo-project'], bufferWindow: { seconds: 0, nanos: 50_000_000 } }

function openTail(context: TestContext, { grpcPort }: TestEmulator): ClientDuplexStream<object, TailAnswer> {
  const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure())
  const stream = client.makeBidiStreamRequest(
    '/google.logging.v2.LoggingServiceV2/TailLogEntries',
    (message: object) => Buffer.from(requests.encode(message)),
    (bytes: Buffer) => answers.decode(bytes),
  )
  stream.on('error', () => {})
  context.after(() => {
    stream.cancel()
    client.close()
  })
  return stream
}

async function write({ url }: TestEmulator, ...textPayloads: string[]): Promise<void> {
  const entries = textPayloads.map((textPayload, index) => entryOf({ textPayload, insertId: String(index) }))
  assert.equal((await requestJson(`${url}/v2/entries:write`, { body: { entries } })).status, 200)
}

/** Writes until something arrives: a stream is open only some time after its request was sent. */
async function writeUntil<T>(emulator: TestEmulator, arrived: Promise<T>, ...texts: string[]): Promise<T> {
  let done = false
  arrived.finally(() => (done = true)).catch(() => {})
  while (!done) {
    await write(emulator, ...texts)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return arrived
}

describe('TailLogEntries', () => {
  test('returns matching entries as they are written', async (context) => {
    const emulator = await startTestEmulator(context)
    const stream = openTail(context, emulator)
    stream.write({ ...PROJECT, filter: 'textPayload:yes' })
    const [answer] = await writeUntil(emulator, once(stream, 'data') as Promise<[TailAnswer]>, 'yes 1', 'no', 'yes 2')
    // A response may have entries of several writes, in order of time.
    assert.deepEqual([...new Set(answer.entries.map(({ textPayload }) => textPayload))].sort(), ['yes 1', 'yes 2'])
    stream.end()
    await once(stream, 'status')
  })

  test('a new request replaces the previous one, and an invalid one ends the stream', async (context) => {
    const emulator = await startTestEmulator(context)
    const stream = openTail(context, emulator)
    stream.write({ ...PROJECT, filter: 'textPayload:never' })
    stream.write({ ...PROJECT, filter: 'textPayload:new' })
    const [answer] = await writeUntil(emulator, once(stream, 'data') as Promise<[TailAnswer]>, 'new')
    assert.equal(answer.entries[0]?.textPayload, 'new')
    const failed = new Promise<ServiceError>((resolve) => stream.once('error', resolve))
    stream.write({ ...PROJECT, filter: '(' })
    const error = await failed
    assert.equal(error.code, 3)
    assert.match(error.details, /Unparseable filter/)
    const metrics = await (await fetch(`${emulator.url}/metrics`)).text()
    assert.match(metrics, /call_duration_seconds_count\{method="TailLogEntries",status="INVALID_ARGUMENT"\} 1\n/)
  })

  test('a slow reader learns how many it has missed', async (context) => {
    const emulator = await startTestEmulator(context)
    const stream = openTail(context, emulator)
    stream.write({ ...PROJECT, bufferWindow: { seconds: 1 } })
    const texts = Array.from({ length: 1500 }, (_, index) => String(index))
    const arrived = new Promise<{ suppressionInfo: { reason: number; suppressedCount: number }[] }>((resolve) => {
      stream.on('data', (answer) => answer.suppressionInfo.length > 0 && resolve(answer))
    })
    const { suppressionInfo } = await writeUntil(emulator, arrived, ...texts)
    assert.equal(suppressionInfo[0]?.reason, 2)
    assert.ok((suppressionInfo[0]?.suppressedCount ?? 0) >= 500)
  })

  test('more than 50 clients at a time are rejected, over gRPC and REST, and counted; when one disconnects there is room', async (context) => {
    const emulator = await startTestEmulator(context)
    const streams = Array.from({ length: 50 }, () => openTail(context, emulator))
    const arrived = Promise.all(streams.map((stream) => once(stream, 'data')))
    for (const stream of streams) stream.write(PROJECT)
    await writeUntil(emulator, arrived, 'x')
    const refused = openTail(context, emulator)
    const failed = new Promise<ServiceError>((resolve) => refused.once('error', resolve))
    refused.write(PROJECT)
    const error = await failed
    assert.equal(error.code, 8)
    assert.match(error.details, /At most 50 clients can tail at a time/)
    const body = { resourceNames: PROJECT.resourceNames }
    assert.equal((await requestJson(`${emulator.url}/v2/entries:tail`, { body })).status, 429)
    const metrics = await (await fetch(`${emulator.url}/metrics`)).text()
    assert.match(metrics, /call_duration_seconds_count\{method="TailLogEntries",status="RESOURCE_EXHAUSTED"\} 2\n/)
    streams[0]?.cancel()
    const next = openTail(context, emulator)
    next.on('error', () => {})
    next.write(PROJECT)
    await writeUntil(emulator, once(next, 'data'), 'y')
  })

  test('over REST it is a growing array', async (context) => {
    const emulator = await startTestEmulator(context)
    const abort = new AbortController()
    const response = await fetch(`${emulator.url}/v2/entries:tail`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceNames: PROJECT.resourceNames, bufferWindow: '0.05s' }),
      signal: abort.signal,
    })
    assert.ok(response.body)
    const first = response.body.getReader().read()
    const { value } = await writeUntil(emulator, first, 'x')
    assert.match(Buffer.from(value ?? []).toString(), /^\[\{"entries":\[\{.*"textPayload":"x"/)
    abort.abort()
    const refused = await requestJson(`${emulator.url}/v2/entries:tail`, { body: { resourceNames: [] } })
    assert.equal(refused.status, 400)
  })
})
