import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Client, compressionAlgorithms, credentials, type ServiceError, status } from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { requestJson, startTestEmulator, type TestEmulator } from '../test/testing/running-emulator.ts'
import { START_SECONDS } from '../test/testing/time-series.ts'
import type { EmulatorOptions } from './emulator-options.ts'
import { OTLP_SERVICES } from './otlp/otlp-services.ts'

const NANOS = 1_000_000_000n
const nanosAt = (milliseconds: number): string =>
  String(BigInt(START_SECONDS) * NANOS + BigInt(milliseconds) * 1_000_000n)
const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } })
const RESOURCE = { attributes: ['location', 'instance'].map((key) => attribute(key, 'us-east1')) }
const hex = (index: number, digits: number): string => index.toString(16).padStart(digits, '0')

/** OTLP requests with a number of items, from an index on, like those of many clients. */
const BODIES = {
  traces: (from: number, count: number) => ({
    resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ spans: range(from, count, spanOf) }] }],
  }),
  metrics: (from: number, count: number) => ({
    resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ metrics: range(from, count, gaugeOf) }] }],
  }),
  logs: (from: number, count: number) => ({
    resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ logRecords: range(from, count, recordOf) }] }],
  }),
}
type Signal = keyof typeof BODIES

function range(from: number, count: number, itemOf: (index: number) => object): object[] {
  return Array.from({ length: count }, (_, i) => itemOf(from + i))
}

function spanOf(index: number): object {
  const times = { startTimeUnixNano: nanosAt(index), endTimeUnixNano: nanosAt(index + 1) }
  return { traceId: hex(index + 1, 32), spanId: hex(index + 1, 16), name: `span ${index}`, ...times }
}

function gaugeOf(index: number): object {
  const point = { timeUnixNano: nanosAt(0), asDouble: index, attributes: [attribute('index', String(index))] }
  return { name: 'flood', gauge: { dataPoints: [point] } }
}

function recordOf(index: number): object {
  return { timeUnixNano: nanosAt(index), body: { stringValue: `line ${index}` } }
}

async function send(emulator: TestEmulator, signal: Signal, from: number, count: number): Promise<void> {
  const { status, json } = await requestJson(`${emulator.url}/v1/${signal}`, { body: BODIES[signal](from, count) })
  assert.deepEqual([status, json], [200, {}])
}

/** The value of a sample of the emulator's own metrics; 0 if it is missing. */
async function metric(emulator: TestEmulator, sample: string): Promise<number> {
  const text = await (await fetch(`${emulator.url}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${sample} `))
  return line === undefined ? 0 : Number(line.slice(sample.length + 1))
}

interface Account {
  readonly stored: number
  readonly accepted: number
  readonly evicted: number
}

/** The outcome for each signal. */
async function accounts(emulator: TestEmulator): Promise<Record<Signal, Account>> {
  const { json } = await requestJson(`${emulator.url}/api/summary`)
  return {
    traces: { stored: json.spans, accepted: json.spansAccepted, evicted: json.evicted.spans },
    metrics: { stored: json.points, accepted: json.pointsAccepted, evicted: json.evicted.points },
    logs: { stored: json.logEntries, accepted: json.entriesAccepted, evicted: json.evicted.entries },
  }
}

interface Flood {
  readonly what: string
  readonly signal: Signal
  readonly options: Partial<EmulatorOptions>
  readonly evicted: string
}

/** The error for a message of one signal that is sent unchanged over gRPC. */
function exportBytes(
  context: TestContext,
  { grpcPort }: TestEmulator,
  { signal, bytes, compression = 'identity' }: { signal: Signal; bytes: Buffer; compression?: 'identity' | 'gzip' },
): Promise<ServiceError | null> {
  const algorithm = compression === 'gzip' ? compressionAlgorithms.gzip : compressionAlgorithms.identity
  const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure(), {
    'grpc.default_compression_algorithm': algorithm,
  })
  context.after(() => client.close())
  const as = (one: Buffer): Buffer => one
  return new Promise((resolve) => {
    client.makeUnaryRequest(`/${OTLP_SERVICES[signal]}/Export`, as, as, bytes, (refused) => resolve(refused))
  })
}

/** Each limit, exceeded by a flood of its signal. */
const FLOODS: readonly Flood[] = [
  { what: 'spans by number', signal: 'traces', options: { maxSpans: 500 }, evicted: 'spans_evicted_total' },
  { what: 'spans by bytes', signal: 'traces', options: { maxSpanBytes: 200_000 }, evicted: 'spans_evicted_total' },
  { what: 'series by number', signal: 'metrics', options: { maxSeries: 500 }, evicted: 'series_evicted_total' },
  {
    what: 'points by bytes',
    signal: 'metrics',
    options: { maxPointBytes: 500_000 },
    evicted: 'points_evicted_total{reason="bytes"}',
  },
  {
    what: 'log entries by bytes',
    signal: 'logs',
    options: { maxLogBytes: 300_000 },
    evicted: 'log_entries_evicted_total',
  },
]
const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs']
const FLOOD_ITEMS = 5000
const A_FEW = 20

describe('a flood of one signal evicts its own oldest data, which is counted, and nothing of the others', () => {
  for (const { what, signal, options, evicted } of FLOODS)
    test(what, { timeout: 120_000 }, async (context) => {
      const emulator = await startTestEmulator(context, options)
      for (const one of SIGNALS) await send(emulator, one, 0, A_FEW)
      const before = await accounts(emulator)
      for (let from = 1000; from < 1000 + FLOOD_ITEMS; from += 500) await send(emulator, signal, from, 500)
      const after = await accounts(emulator)
      for (const other of SIGNALS) if (other !== signal) assert.deepEqual(after[other], before[other], other)
      const flooded = after[signal]
      assert.ok(flooded.accepted >= A_FEW + FLOOD_ITEMS)
      assert.ok(flooded.evicted > FLOOD_ITEMS / 4 && flooded.stored > 0, JSON.stringify(flooded))
      assert.equal(flooded.stored + flooded.evicted, flooded.accepted)
      assert.ok((await metric(emulator, `cloud_emulator_${evicted}`)) > FLOOD_ITEMS / 4)
    })

  test('all at once, up to each limit', { timeout: 120_000 }, async (context) => {
    const emulator = await startTestEmulator(context, {
      maxSpanBytes: 200_000,
      maxPointBytes: 500_000,
      maxLogBytes: 300_000,
    })
    await Promise.all(
      SIGNALS.map(async (signal) => {
        for (let from = 0; from < FLOOD_ITEMS; from += 500) await send(emulator, signal, from, 500)
      }),
    )
    for (const [gauge, limit] of [
      ['span_bytes', 200_000],
      ['point_bytes', 500_000],
      ['log_entry_bytes', 300_000],
    ] as const) {
      const bytes = await metric(emulator, `cloud_emulator_${gauge}`)
      assert.ok(bytes > 0 && bytes <= limit, `${gauge}: ${bytes}`)
    }
  })
})

const METHODS = [
  ['traces', 'ExportTraces'],
  ['metrics', 'ExportMetrics'],
  ['logs', 'ExportLogs'],
] as const
const counted = (emulator: TestEmulator, method: string, name: string) =>
  metric(emulator, `cloud_emulator_call_duration_seconds_count{method="${method}",status="${name}"}`)

describe('a request that is too large is rejected and counted, and nothing is stored', () => {
  const HTTP_BYTES = 10 * 1024 * 1024
  const large = 'x'.repeat(HTTP_BYTES + 1)

  for (const [signal, method] of METHODS) {
    test(`${signal} over HTTP, even if it is too large only after decompression`, {
      timeout: 60_000,
    }, async (context) => {
      const emulator = await startTestEmulator(context)
      const zipped = gzipSync(JSON.stringify({ large }))
      assert.ok(zipped.length < HTTP_BYTES / 100)
      for (const [body, headers, type] of [
        [Buffer.from(JSON.stringify({ large })), {}, 'application/json'],
        [Buffer.from(large), {}, 'application/x-protobuf'],
        [zipped, { 'content-encoding': 'gzip' }, 'application/json'],
      ] as const) {
        const response = await fetch(`${emulator.url}/v1/${signal}`, {
          method: 'POST',
          body,
          headers: { 'content-type': type, ...headers },
        })
        await response.arrayBuffer()
        assert.equal(response.status, 400)
      }
      assert.equal(await counted(emulator, method, 'INVALID_ARGUMENT'), 3)
      assert.deepEqual((await accounts(emulator))[signal], { stored: 0, accepted: 0, evicted: 0 })
    })

    test(`${signal} over gRPC, even if it is too large only after decompression`, {
      timeout: 60_000,
    }, async (context) => {
      const emulator = await startTestEmulator(context)
      const bytes = Buffer.alloc(4 * 1024 * 1024 + 1)
      for (const compression of ['identity', 'gzip'] as const) {
        const error = await exportBytes(context, emulator, { signal, bytes, compression })
        assert.equal(error?.code, status.RESOURCE_EXHAUSTED, compression)
      }
      assert.equal(await counted(emulator, method, 'RESOURCE_EXHAUSTED'), 2)
      assert.deepEqual((await accounts(emulator))[signal], { stored: 0, accepted: 0, evicted: 0 })
    })
  }
})

/** A protobuf field with a message or a string. */
function delimited(field: number, bytes: Uint8Array): Uint8Array {
  return new protobuf.Writer()
    .uint32((field << 3) | 2)
    .bytes(bytes)
    .finish()
}

describe('a request that is nested too deeply is rejected and counted, and nothing is stored', () => {
  /** An attribute that is a list of a list, and so on: two messages for each level. */
  const nested = (levels: number): string =>
    `${'{"arrayValue":{"values":['.repeat(levels)}{"stringValue":"innermost"}${']}}'.repeat(levels)}`
  /** The same in protobuf. */
  const nestedBytes = (levels: number): Uint8Array => {
    let bytes = delimited(1, Buffer.from('innermost'))
    for (let level = 0; level < levels; level++) bytes = delimited(5, delimited(1, bytes))
    return bytes
  }
  const bodyOf = (signal: Signal, levels: number): string => {
    const resource = { attributes: [...RESOURCE.attributes, { key: 'deep', value: 'HERE' }] }
    const [name, [data]] = Object.entries(BODIES[signal](0, 1))[0] as [string, object[]]
    return JSON.stringify({ [name]: [{ ...data, resource }] }).replace('"HERE"', nested(levels))
  }

  for (const [signal, method] of METHODS)
    test(signal, async (context) => {
      const emulator = await startTestEmulator(context)
      const post = (body: BodyInit, type: string) =>
        fetch(`${emulator.url}/v1/${signal}`, { method: 'POST', body, headers: { 'content-type': type } })
      const resourceOf = (levels: number): Buffer => {
        // The first field of each request is the resource data; its first field is the resource, whose first field is
        // an attribute.
        const attribute = Buffer.concat([delimited(1, Buffer.from('deep')), delimited(2, nestedBytes(levels))])
        return Buffer.from(delimited(1, delimited(1, delimited(1, attribute))))
      }
      for (const levels of [60, 3000]) {
        const json = await post(bodyOf(signal, levels), 'application/json')
        const binary = await post(new Uint8Array(resourceOf(levels)), 'application/x-protobuf')
        assert.deepEqual([json.status, binary.status], [400, 400], `${levels} levels`)
        const error = await exportBytes(context, emulator, { signal, bytes: resourceOf(levels) })
        assert.equal(error?.code, status.INVALID_ARGUMENT)
      }
      assert.equal(await counted(emulator, method, 'INVALID_ARGUMENT'), 6)
      assert.deepEqual((await accounts(emulator))[signal], { stored: 0, accepted: 0, evicted: 0 })
      assert.equal((await post(bodyOf(signal, 40), 'application/json')).status, 200)
      assert.equal((await post(new Uint8Array(resourceOf(40)), 'application/x-protobuf')).status, 200)
    })
})
