import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import { requestJson, startTestEmulator, type TestEmulator } from '../test/testing/running-emulator.ts'
import { START_SECONDS } from '../test/testing/time-series.ts'
import type { EmulatorOptions } from './emulator-options.ts'
import { OTLP_SERVICES } from './otlp/otlp-services.ts'

const NANOS = 1_000_000_000n
const nanosAt = (milliseconds: number): string =>
  String(BigInt(START_SECONDS) * NANOS + BigInt(milliseconds) * 1_000_000n)
const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } })
const resource = { attributes: ['location', 'instance'].map((key) => attribute(key, 'us-east1')) }
const hex = (index: number, digits: number): string => index.toString(16).padStart(digits, '0')

/** OTLP's requests with a number of items, from an index on, as many clients would send them. */
const BODIES = {
  traces: (from: number, count: number) => ({
    resourceSpans: [{ resource, scopeSpans: [{ spans: range(from, count, spanOf) }] }],
  }),
  metrics: (from: number, count: number) => ({
    resourceMetrics: [{ resource, scopeMetrics: [{ metrics: range(from, count, gaugeOf) }] }],
  }),
  logs: (from: number, count: number) => ({
    resourceLogs: [{ resource, scopeLogs: [{ logRecords: range(from, count, recordOf) }] }],
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

/** The value of a sample of the emulator's own metrics; 0 if it is not there. */
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

/** What became of each signal. */
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

/** Each bound, exceeded by a flood of its signal. */
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

describe('a flood of one signal evicts what is oldest of it, counted, and nothing of the others', () => {
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

  test('all at once, in each of its bounds', { timeout: 120_000 }, async (context) => {
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

describe('a request that is too large is refused, counted, and nothing of it is stored', () => {
  const HTTP_BYTES = 10 * 1024 * 1024
  const large = 'x'.repeat(HTTP_BYTES + 1)
  const counted = (emulator: TestEmulator, method: string, status: string) =>
    metric(emulator, `cloud_emulator_call_duration_seconds_count{method="${method}",status="${status}"}`)

  for (const [signal, method] of [
    ['traces', 'ExportTraces'],
    ['metrics', 'ExportMetrics'],
    ['logs', 'ExportLogs'],
  ] as const) {
    test(`${signal} over HTTP, also if it is large only once it is unzipped`, { timeout: 60_000 }, async (context) => {
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

    test(`${signal} over gRPC`, { timeout: 60_000 }, async (context) => {
      const emulator = await startTestEmulator(context)
      const client = new Client(`127.0.0.1:${emulator.grpcPort}`, credentials.createInsecure())
      context.after(() => client.close())
      const path = `/${OTLP_SERVICES[signal]}/Export`
      const bytes = Buffer.alloc(4 * 1024 * 1024 + 1)
      const as = (one: Buffer): Buffer => one
      const error = await new Promise<ServiceError | null>((resolve) => {
        client.makeUnaryRequest(path, as, as, bytes, (refused) => resolve(refused))
      })
      assert.equal(error?.code, status.RESOURCE_EXHAUSTED)
      assert.equal(await counted(emulator, method, 'RESOURCE_EXHAUSTED'), 1)
      assert.deepEqual((await accounts(emulator))[signal], { stored: 0, accepted: 0, evicted: 0 })
    })
  }
})
