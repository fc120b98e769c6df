import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { codeOf } from '../src/artillery/errors.ts'
import { ResponseParser } from '../src/http1/response-parser.ts'
import { parseHeaders } from '../src/response/raw-headers.ts'
import { seededRandom } from './testing/differential/generated-scripts.ts'

/** Responses, valid and malformed, as this engine's parser and as Node's own client reads them: same bodies, same codes. */

interface Read {
  error?: string | undefined
  status?: number
  text?: string
  headers?: unknown
  body?: string
}

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`

const RESPONSES: readonly string[] = [
  // Status lines
  ...[
    'HTTP/1.1 200',
    'HTTP/1.1 200 ',
    'HTTP/1.1 200 Not \xe9 OK',
    'HTTP/1.1 999 x',
    'HTTP/2.0 200 OK',
    'HTTP/0.9 200 OK',
  ].map((line) => `${line}\r\ncontent-length: 1\r\n\r\na`),
  ...[
    'HTTP/1.1  200 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 200X',
    'HTTP/1.2 200 OK',
    'HTTP1.1 200 OK',
  ].map((line) => `${line}\r\n\r\n`),
  ...['http/1.1 200 OK\r\n\r\n', 'HTTP/1.1 200 OK\n\n', 'HTTP/1.1 200\n\r\n', 'HTTP/1.1 200 OK\rX\r\n\r\n'],
  ...['garbage', 'HTTP/1.1 200 OK', 'HTTP/1.1', 'HTTP/1.1 2x', 'HTTP/x', ''],
  ...['\r\n\r\n', '\n'].map((before) => `${before}${OK}content-length: 0\r\n\r\n`),
  // Headers
  ...[
    ' A: b',
    'A: b\r\n c',
    'A: b\r\n\tc',
    'A:b\rc',
    'A',
    ': b',
    'A : b',
    'A:\x01',
    'A:\x7f',
    'C\xe9: b',
    'A: b\n',
  ].map((line) => `${OK}${line}\r\n\r\n`),
  ...['A:   b  \t ', 'B:', 'A: \xe9', 'a: 1\r\nA: 2\r\nset-cookie: x=1\r\nset-cookie: y=2'].map(
    (lines) => `${OK}${lines}\r\ncontent-length: 0\r\n\r\n`,
  ),
  `${OK}x: ${'a'.repeat(20_000)}\r\n\r\n`,
  `${OK}x: ${'a'.repeat(16_000)}\r\ncontent-length: 0\r\n\r\n`,
  `${OK}A: b`,
  // The end of a body
  ...['2', '2 ', '+2', '2,2', '', '99999999999999999999999', '2x', '3'].map(
    (n) => `${OK}content-length: ${n}\r\n\r\nab`,
  ),
  `${OK}content-length: 2\r\ncontent-length: 2\r\n\r\nab`,
  `${OK}content-length: 1\r\n\r\nab`,
  `${OK}connection: close\r\ncontent-length: 1\r\n\r\nabc`,
  `${OK}transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n`,
  `${OK}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  ...['gzip', 'gzip, chunked', 'chunked, gzip', 'Chunked', 'xchunked', '', 'chunked\r\ntransfer-encoding: chunked'].map(
    (encoding) => `${OK}transfer-encoding: ${encoding}\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  ),
  'HTTP/1.0 200 OK\r\n\r\nuntil the end',
  `${OK}\r\nuntil the end`,
  'HTTP/1.1 204 No\r\ncontent-length: 5\r\n\r\n',
  'HTTP/1.1 204 No\r\ncontent-length: 5\r\n\r\nabcde',
  'HTTP/1.1 304 No\r\ncontent-length: 5\r\n\r\n',
  // Interim responses
  ...['100 Continue', '102 Processing', '103 Hints\r\nlink: </a>', '199 x'].map(
    (interim) => `HTTP/1.1 ${interim}\r\n\r\n${OK}content-length: 1\r\n\r\na`,
  ),
  // Chunks
  ...['3\r\nabc\r\n0\r\n\r\n', 'A\r\n0123456789\r\n00\r\n\r\n', '3\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\nU: w\r\n\r\n'].map(
    (body) => CHUNKED + body,
  ),
  ...[
    '3 \r\nabc',
    '3\nabc',
    '3\r\nabcd\r\n',
    '3\r\nabc\n0\r\n\r\n',
    'g\r\n',
    '\r\n',
    '-3\r\nabc',
    '3\rxabc',
    '3\r\nabc\rx',
  ].map((body) => CHUNKED + body),
  ...['3\r\nabc\r\n0\r\nbad trailer\r\n\r\n', '3\r\nabc\r\n0\r\n\n', '3\r\nabc\r\n0\r\n', '3\r\nabc', '3'].map(
    (body) => CHUNKED + body,
  ),
  ...[
    '00000000000000000003',
    'fffffffffffffffffffff',
    '3;a',
    '3;a=',
    '3;a=b;c="d"',
    '3;a="\\q"',
    '3;',
    '3;\x01',
    '3;a="',
  ].map((size) => `${CHUNKED}${size}\r\nabc\r\n0\r\n\r\n`),
  ...['3;a b', '3;a="b"c', '3;a=b,c', '3;a\nabc'].map((size) => `${CHUNKED}${size}\r\nabc\r\n0\r\n\r\n`),
]

/** What Node's client reads. */
async function readByNode(bytes: Buffer): Promise<Read> {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(bytes))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const agent = new Agent({ keepAlive: true })
  try {
    return await new Promise((resolve) => {
      const { port } = server.address() as AddressInfo
      const sent = request({ port, host: '127.0.0.1', agent }, (response) => {
        let body = ''
        response.setEncoding('latin1').on('data', (piece: string) => (body += piece))
        response.on('error', (error) => resolve({ error: codeOf(error) }))
        response.on('end', () => {
          const { statusCode: status = 0, statusMessage: text = '', headers } = response
          resolve({ status, text, headers: { ...headers }, body })
        })
      })
      sent.on('error', (error) => resolve({ error: codeOf(error) })).end()
    })
  } finally {
    agent.destroy()
    server.close()
  }
}

/** What this engine's parser reads of the bytes, in pieces. */
function read(bytes: Buffer, pieceLength: number): Read {
  const found: Read = { body: '' }
  let isOver = false
  const parser = new ResponseParser({
    onHead: ({ status, statusText: text, headers }) =>
      Object.assign(found, { status, text, headers: parseHeaders(headers) }),
    onData: (piece) => (found.body += piece.toString('latin1')),
    onEnd: () => (isOver = true),
  })
  parser.expect('GET')
  try {
    for (let start = 0; start < bytes.length && !isOver; start += pieceLength) {
      const piece = bytes.subarray(start, start + pieceLength)
      parser.parse(piece, piece.length)
    }
    if (!isOver && !parser.finish()) return { error: 'ECONNRESET' }
    return found
  } catch (error) {
    return { error: codeOf(error) }
  }
}

describe('responses are read as by Node', () => {
  for (const response of RESPONSES) {
    test(JSON.stringify(response.slice(0, 120)), { timeout: 30_000 }, async () => {
      const bytes = Buffer.from(response, 'latin1')
      assert.deepEqual(read(bytes, Number.POSITIVE_INFINITY), await readByNode(bytes))
    })
  }
})

const seed = Number(process.env.ARTILLERY_SEED ?? 1)
const BYTES = ['\r', '\n', '\r\n', ' ', ':', ';', ',', '"', '=', '0', '3', 'f', 'x', '\t', '\x00', '\xe9', '']

/** A response with some bytes changed, as the seed says. */
function changed(index: number): Buffer {
  const random = seededRandom(seed * 10_000 + index)
  const pick = (length: number): number => Math.floor(random() * length)
  let text = RESPONSES[pick(RESPONSES.length)] ?? ''
  for (let changes = 1 + pick(3); changes > 0; changes--) {
    const at = pick(Math.min(text.length, 300))
    text = text.slice(0, at) + BYTES[pick(BYTES.length)] + text.slice(at + pick(3))
  }
  return Buffer.from(text, 'latin1')
}

test('changed responses are refused where Node refuses them, and else read alike', { timeout: 120_000 }, async () => {
  for (let index = 0; index < 400; index++) {
    const bytes = changed(index)
    const message = `ARTILLERY_SEED=${seed}, ${index}: ${JSON.stringify(bytes.toString('latin1').slice(0, 300))}`
    const [ours, nodes] = [read(bytes, Number.POSITIVE_INFINITY), await readByNode(bytes)]
    if (ours.error === undefined || nodes.error === undefined) assert.deepEqual(ours, nodes, message)
  }
})

describe('responses are read in pieces of any length', () => {
  const kept = `${OK}content-length: 2\r\n\r\nab`
  for (const response of RESPONSES.filter((text) => text !== kept && text.length < 1000)) {
    const bytes = Buffer.from(response, 'latin1')
    const whole = read(bytes, Number.POSITIVE_INFINITY)
    // What comes behind a response that was complete has no request any more.
    if (whole.error === 'HPE_INVALID_CONSTANT' || whole.error === 'HPE_CLOSED_CONNECTION') continue
    test(JSON.stringify(response.slice(0, 120)), () => {
      for (const pieceLength of [1, 2, 3, 7]) assert.deepEqual(read(bytes, pieceLength), whole)
    })
  }
})

test('a head like the one before is read again, one that is other is not', () => {
  const statuses: number[] = []
  const parser = new ResponseParser({
    onHead: ({ status }) => statuses.push(status),
    onData: () => {},
    onEnd: () => {},
  })
  for (const status of [200, 200, 404, 404, 200]) {
    parser.expect('GET')
    const bytes = Buffer.from(`HTTP/1.1 ${status} x\r\ncontent-length: 1\r\n\r\na`)
    parser.parse(bytes, bytes.length)
  }
  assert.deepEqual(statuses, [200, 200, 404, 404, 200])
})
