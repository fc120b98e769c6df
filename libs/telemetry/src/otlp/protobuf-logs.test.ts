import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '../logs/logger.ts'
import { RequestLineWriter } from '../logs/request-line-writer.ts'
import { encodeProtobuf } from './encode.ts'
import { logsRequest } from './logs-request.ts'
import { LOGS_REQUEST } from './messages.ts'
import { ProtobufLogs } from './protobuf-logs.ts'

const origin = { attributes: { 'service.name': 'shop', n: 1 }, scope: { name: 'shop', version: '1.2.3' } }
const time = '2026-11-29T12:00:00.123Z'
const LINES: Readonly<Record<string, object>> = {
  'a line of a request': {
    severity: 'INFO',
    time,
    pid: 7,
    'logging.googleapis.com/trace': '0af7651916cd43dd8448eb211c80319c',
    'logging.googleapis.com/spanId': 'b7ad6b7169203331',
    'logging.googleapis.com/trace_sampled': true,
    httpRequest: { requestMethod: 'GET', requestUrl: '/ä?q=1', status: 200, latency: '0.000123s' },
    message: 'GET / 200',
  },
  'a line with each kind of value': {
    severity: 'ERROR',
    time: '2020-02-29T23:59:59.999Z',
    message: 'x'.repeat(300),
    stack_trace: `Error: x\n${'    at y\n'.repeat(50)}`,
    ok: false,
    ratio: -0.5,
    negative: -3,
    large: 2 ** 40,
    nothing: null,
    tags: ['a', 1, true, 0.5],
    mixed: [{ a: 1 }, 2],
    empty: {},
    deep: { a: { b: 1 }, list: ['x'], none: null },
    'logging.googleapis.com/trace_sampled': false,
  },
  'a line without a known severity': { severity: 'LOUD', time, message: '' },
}

for (const [what, line] of Object.entries(LINES))
  test(`${what} has the same bytes as with the generic encoder`, () => {
    const lines = [JSON.stringify(line), JSON.stringify({ severity: 'INFO', time, message: 'another' })]
    const logs = new ProtobufLogs()
    for (const each of lines) logs.push(each)
    assert.deepEqual(
      Buffer.from(logs.serialize(origin)),
      Buffer.from(encodeProtobuf(LOGS_REQUEST, logsRequest(lines, origin))),
    )
  })

test('the lines of requests have the same bytes as their text, similar or not', async ({ mock }) => {
  mock.timers.enable({ apis: ['Date'], now: Date.parse(time) })
  const lines: string[] = []
  const logs = new ProtobufLogs()
  const text = new RequestLineWriter(
    (await createLogger({ destination: { write: (line) => void lines.push(line) } })).logger,
  )
  const records = new RequestLineWriter(
    (
      await createLogger({
        console: false,
        exporter: { write: assert.fail, writeRequest: logs.pushRequest.bind(logs) },
      })
    ).logger,
  )
  const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }
  const usual = {
    ...{ span: undefined, method: 'GET', url: '/', status: 200 },
    ...{ userAgent: undefined, remoteIp: '127.0.0.1', latency: '0.000123s' },
  }
  const url = `/${'ä"\\\n'.repeat(50)}?${'x'.repeat(20_000)}`
  for (const changed of [
    {},
    { latency: '12.000000s' },
    { span },
    { span: { ...span, traceFlags: 0 } },
    { url },
    { url, latency: '0.1s' },
    { status: 404 },
    { method: 'POST' },
    { userAgent: 'a "b"' },
    { userAgent: 'c' },
    { remoteIp: undefined },
    {},
    {},
  ]) {
    text.write({ ...usual, ...changed })
    records.write({ ...usual, ...changed })
  }
  assert.equal(logs.size, 13)
  assert.deepEqual(
    Buffer.from(logs.serialize(origin)),
    Buffer.from(encodeProtobuf(LOGS_REQUEST, logsRequest(lines, origin))),
  )
})
