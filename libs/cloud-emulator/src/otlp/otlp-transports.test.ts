import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { requestJson, startTestEmulator, type TestEmulator } from '../../test/testing/running-emulator.ts'
import { SPAN, TRACE } from '../../test/testing/spans.ts'
import { START_SECONDS } from '../../test/testing/time-series.ts'
import { messageCodec } from '../protos/registry.ts'
import { openTlsDirectory } from '../tls/tls-directory.ts'
import { otlpFromJson } from './otlp-json.ts'

type Json = Record<string, unknown>

const time = `${START_SECONDS}000000000`
const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } })
const resource = { attributes: ['location', 'instance'].map((key) => attribute(key, 'us-east1')) }
const METRIC = { name: 'g', gauge: { dataPoints: [{ timeUnixNano: time, asDouble: 1 }] } }
const SPAN_MESSAGE = { traceId: TRACE, spanId: SPAN, name: 'n', startTimeUnixNano: time, endTimeUnixNano: time }

interface Case {
  readonly signal: string
  readonly service: string
  readonly body: (bad?: boolean) => Json
  /** What is stored, and its count; for a point this includes `target_info`. */
  readonly stored: string
  readonly count: number
  readonly rejected: string
}

/** A valid item, and on request an invalid one. */
const CASES: readonly Case[] = [
  {
    signal: 'traces',
    service: 'Trace',
    body: (bad) => ({
      resourceSpans: [
        { resource, scopeSpans: [{ spans: [SPAN_MESSAGE, ...(bad ? [{ ...SPAN_MESSAGE, name: '' }] : [])] }] },
      ],
    }),
    stored: 'spans',
    count: 1,
    rejected: 'rejectedSpans',
  },
  {
    signal: 'metrics',
    service: 'Metrics',
    body: (bad) => ({
      resourceMetrics: [
        { resource, scopeMetrics: [{ metrics: [METRIC, ...(bad ? [{ ...METRIC, name: '-' }] : [])] }] },
      ],
    }),
    stored: 'points',
    count: 2,
    rejected: 'rejectedDataPoints',
  },
  {
    signal: 'logs',
    service: 'Logs',
    body: (bad) => ({
      resourceLogs: [
        {
          resource,
          scopeLogs: [
            {
              logRecords: [
                { timeUnixNano: time, body: { stringValue: 'a' } },
                ...(bad ? [{ timeUnixNano: `${START_SECONDS + 200_000}000000000` }] : []),
              ],
            },
          ],
        },
      ],
    }),
    stored: 'logEntries',
    count: 1,
    rejected: 'rejectedLogRecords',
  },
]

const typesOf = ({ signal, service }: Case) => {
  const name = `opentelemetry.proto.collector.${signal === 'traces' ? 'trace' : signal}.v1`
  return {
    path: `/${name}.${service}Service/Export`,
    request: messageCodec<object>(`${name}.Export${service}ServiceRequest`),
    response: messageCodec<{ partialSuccess?: Json | null }>(`${name}.Export${service}ServiceResponse`),
  }
}
const encoded = (one: Case, body: Json): Buffer => {
  const { request } = typesOf(one)
  return Buffer.from(request.encode(otlpFromJson(request.type, body)))
}

function callGrpc(
  context: TestContext,
  port: number | undefined,
  one: Case,
  body: Json,
): Promise<{ partialSuccess?: Json | null }> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  context.after(() => client.close())
  const { path, response } = typesOf(one)
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => response.decode(bytes),
      encoded(one, body),
      new Metadata(),
      (error: ServiceError | null, answer) => (error ? reject(error) : resolve(answer ?? {})),
    )
  })
}

const local = { host: '127.0.0.1', port: 0 }
const startOtlp = (context: TestContext): Promise<TestEmulator> =>
  startTestEmulator(context, { otlpGrpcAddress: local, otlpHttpAddress: local })
const storedOf = async ({ url }: TestEmulator, { stored }: Case): Promise<number> =>
  (await requestJson(`${url}/api/summary`)).json[stored]

for (const one of CASES)
  describe(`OTLP: ${one.signal}`, () => {
    const path = `/v1/${one.signal}`

    test('over gRPC, on both ports, with partial success', async (context) => {
      const emulator = await startOtlp(context)
      assert.deepEqual((await callGrpc(context, emulator.otlpGrpcPort, one, one.body())).partialSuccess ?? null, null)
      assert.equal(await storedOf(emulator, one), one.count)
      await requestJson(`${emulator.url}/reset`, { method: 'POST' })
      const { partialSuccess } = await callGrpc(context, emulator.grpcPort, one, one.body(true))
      assert.equal(String(partialSuccess?.[one.rejected]), '1')
      assert.notEqual(partialSuccess?.errorMessage, '')
      assert.equal(await storedOf(emulator, one), one.count)
    })

    test('over HTTP, with protobuf and gzip, on its own port', async (context) => {
      const emulator = await startOtlp(context)
      const answer = await fetch(`http://127.0.0.1:${emulator.otlpHttpPort}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
        body: new Uint8Array(gzipSync(encoded(one, one.body(true)))),
      })
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/x-protobuf'])
      const { partialSuccess } = typesOf(one).response.decode(new Uint8Array(await answer.arrayBuffer()))
      assert.equal(String(partialSuccess?.[one.rejected]), '1')
      assert.equal(await storedOf(emulator, one), one.count)
    })

    test('over HTTP, in JSON', async (context) => {
      const emulator = await startOtlp(context)
      const { status, json } = await requestJson(`${emulator.url}${path}`, { body: one.body(true) })
      assert.equal(status, 200)
      assert.equal(json.partialSuccess[one.rejected], '1')
    })

    test('times may be numbers', async (context) => {
      const emulator = await startOtlp(context)
      const body = JSON.stringify(one.body()).replaceAll(/UnixNano":"(\d+)"/g, 'UnixNano":$1')
      assert.match(body, /UnixNano":\d{19}/)
      const answer = await fetch(`${emulator.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      assert.deepEqual([answer.status, await answer.text()], [200, '{}'])
      assert.equal(await storedOf(emulator, one), one.count)
    })

    test('errors are a Status in the encoding of the request', async (context) => {
      const { url } = await startOtlp(context)
      const post = (type: string, body: Uint8Array<ArrayBuffer> | string): Promise<Response> =>
        fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': type }, body })
      const binary = await post('application/x-protobuf', Uint8Array.of(0xff))
      assert.equal(binary.status, 400)
      const status = messageCodec<{ code: number; message: string }>('google.rpc.Status')
      const { code, message } = status.decode(new Uint8Array(await binary.arrayBuffer()))
      assert.equal(code, 3)
      assert.match(message, new RegExp(`not a valid Export${one.service}ServiceRequest in protobuf`))
      const text = await (await post('application/json', '[')).json()
      assert.equal(text.code, 3)
      const large = await post('application/json', `"${'x'.repeat(11 * 1024 * 1024)}"`)
      assert.ok(large.status >= 400 && large.status < 500)
    })

    test('faults affect it by its name', async (context) => {
      const { url } = await startOtlp(context)
      const name = `Export${one.service === 'Trace' ? 'Traces' : one.service}`
      await requestJson(`${url}/faults`, { body: { code: 'UNAVAILABLE', methods: [name] } })
      assert.equal((await requestJson(`${url}${path}`, { body: one.body() })).status, 503)
    })

    test('--strict auto: a resource without gcp.project_id is rejected only on TLS ports', async (context) => {
      const directory = await mkdtemp(join(tmpdir(), 'tls-'))
      context.after(() => rm(directory, { recursive: true }))
      const { server } = await openTlsDirectory(directory, { projectId: 'p', tokenUrl: '' })
      const { url, httpsPort } = await startTestEmulator(context, { tls: server })
      assert.equal((await requestJson(`${url}${path}`, { body: one.body() })).status, 200)
      const refused = await postTls(httpsPort, path, one.body())
      assert.equal(refused.status, 400)
      assert.match(refused.text, /Resource is missing required attribute \\"gcp\.project_id\\"/)
      const body = one.body()
      const [part] = Object.values(body) as [[{ resource: object }]]
      part[0].resource = { attributes: [...resource.attributes, attribute('gcp.project_id', 'mine')] }
      assert.equal((await postTls(httpsPort, path, body)).status, 200)
      assert.equal((await requestJson(`${url}/api/summary?project=mine`)).json[one.stored], one.count)
    })
  })

function postTls(port: number | undefined, path: string, body: Json): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = httpsRequest(
      {
        port,
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        rejectUnauthorized: false,
        agent: false,
      },
      (response) => {
        let text = ''
        response.on('data', (chunk) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      },
    )
    call.on('error', reject)
    call.end(JSON.stringify(body))
  })
}
