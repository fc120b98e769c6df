import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeProtobuf } from './encode.ts'
import { logsRequest } from './logs-request.ts'
import { LOGS_REQUEST } from './messages.ts'
import { encodeLogs } from './protobuf-logs.ts'

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
  'a line of each kind of value': {
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
  'a line without a severity that is known': { severity: 'LOUD', time, message: '' },
}

for (const [what, line] of Object.entries(LINES))
  test(`${what} has the bytes that any message has`, () => {
    const lines = [JSON.stringify(line), JSON.stringify({ severity: 'INFO', time, message: 'another' })]
    assert.deepEqual(
      Buffer.from(encodeLogs(lines, origin)),
      Buffer.from(encodeProtobuf(LOGS_REQUEST, logsRequest(lines, origin))),
    )
  })
