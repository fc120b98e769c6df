import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import type { EngineHelpers } from '../src/artillery/contract.ts'
import { UndiciEngine } from '../src/engine.ts'
import { loadArtilleryCore } from './testing/artillery-core.ts'
import { runScenario, type ScenarioResult } from './testing/run-scenario.ts'

/** A server that sends what no library would: frames byte by byte. */

const helpers: EngineHelpers = (await loadArtilleryCore()).helpers

/** A frame: its type, flags, stream, and payload in hexadecimal digits. */
function frame(type: number, flags: number, stream: number, payload = ''): string {
  const digits = payload.replaceAll(' ', '')
  const number = (value: number, bytes: number): string => value.toString(16).padStart(2 * bytes, '0')
  return number(digits.length / 2, 3) + number(type, 1) + number(flags, 1) + number(stream, 4) + digits
}

const SETTINGS = frame(4, 0, 0)
/** `:status: 200`, by its index. */
const OK = '88'
const text = (value: string): string => Buffer.from(value).toString('hex')
const field = (name: string, value: string): string =>
  `00${Buffer.from([name.length]).toString('hex')}${text(name)}${Buffer.from([value.length]).toString('hex')}${text(value)}`

interface FrameCase {
  readonly name: string
  /** What the server sends, in hexadecimal digits. */
  readonly sends: readonly string[]
  /** The error that is counted; undefined if the response is 200 with the body `hello`. */
  readonly error?: string
}

const HELLO = frame(0, 1, 1, text('hello'))

const CASES: readonly FrameCase[] = [
  { name: 'head and body', sends: [SETTINGS, frame(1, 4, 1, OK), HELLO] },
  {
    name: 'padding and priority',
    sends: [SETTINGS, frame(1, 0x2c, 1, `02 0000000010 ${OK} 0000`), frame(0, 9, 1, `03${text('hello')}000000`)],
  },
  {
    name: 'a head in three parts',
    sends: [SETTINGS, frame(1, 0, 1, OK), frame(9, 0, 1, field('x-a', 'b')), frame(9, 4, 1, field('x-c', 'd')), HELLO],
  },
  {
    name: 'an interim response',
    sends: [SETTINGS, frame(1, 4, 1, field(':status', '103')), frame(1, 4, 1, OK), HELLO],
  },
  {
    name: 'trailers',
    sends: [SETTINGS, frame(1, 4, 1, OK), frame(0, 0, 1, text('hello')), frame(1, 5, 1, field('x-sum', '1'))],
  },
  {
    name: 'frames of unknown types, a ping, and an acknowledgement',
    sends: [
      SETTINGS,
      frame(4, 1, 0),
      frame(0xfa, 0, 0, '00'),
      frame(6, 0, 0, '0102030405060708'),
      frame(1, 4, 1, OK),
      HELLO,
    ],
  },
  {
    name: 'a reset after the whole response',
    sends: [SETTINGS, frame(1, 4, 1, OK), HELLO, frame(3, 0, 1, '00000000')],
  },
  { name: 'the right length', sends: [SETTINGS, frame(1, 4, 1, OK + field('content-length', '5')), HELLO] },
  {
    name: 'the wrong length',
    sends: [SETTINGS, frame(1, 4, 1, OK + field('content-length', '6')), HELLO],
    error: 'ERR_HTTP2_STREAM_ERROR',
  },
  {
    name: 'a length that is not a number',
    sends: [SETTINGS, frame(1, 4, 1, OK + field('content-length', 'x')), HELLO],
    error: 'ERR_HTTP2_STREAM_ERROR',
  },
  { name: 'no status', sends: [SETTINGS, frame(1, 4, 1, field('x-a', 'b')), HELLO], error: 'ERR_HTTP2_STREAM_ERROR' },
  { name: 'a body without a head', sends: [SETTINGS, HELLO], error: 'ERR_HTTP2_STREAM_ERROR' },
  {
    name: 'a cancelled stream',
    sends: [SETTINGS, frame(1, 4, 1, OK), frame(3, 0, 1, '00000008')],
    error: 'ERR_HTTP2_STREAM_ERROR',
  },
  {
    name: 'a head that is too long',
    sends: [
      SETTINGS,
      frame(1, 0, 1, OK),
      ...Array.from({ length: 10 }, () => frame(9, 0, 1, field('x-long', 'v'.repeat(120)).repeat(120))),
      frame(9, 4, 1),
      HELLO,
    ],
    error: 'HPE_HEADER_OVERFLOW',
  },
  {
    name: 'the end of the connection to come, this request included',
    sends: [SETTINGS, frame(7, 0, 0, '00000001 00000000'), frame(1, 4, 1, OK), HELLO],
  },
  {
    name: 'the end of the connection to come, this request excluded',
    sends: [SETTINGS, frame(7, 0, 0, '00000000 00000000')],
    error: 'ECONNRESET',
  },
  {
    name: 'the end of the connection by an error',
    sends: [SETTINGS, frame(7, 0, 0, '00000001 0000000b')],
    error: 'ERR_HTTP2_SESSION_ERROR',
  },
  { name: 'the end of the connection', sends: [SETTINGS, 'end'], error: 'ECONNRESET' },
  { name: 'HTTP/1.1', sends: [text('HTTP/1.1 400 Bad Request\r\n\r\n')], error: 'ERR_HTTP2_SESSION_ERROR' },
  { name: 'no settings', sends: [frame(1, 4, 1, OK), HELLO], error: 'ERR_HTTP2_SESSION_ERROR' },
  { name: 'settings with a rest', sends: [frame(4, 0, 0, '00')], error: 'ERR_HTTP2_SESSION_ERROR' },
  { name: 'a push', sends: [SETTINGS, frame(5, 4, 1, `00000002${OK}`)], error: 'ERR_HTTP2_SESSION_ERROR' },
  { name: 'a frame that is too long', sends: [SETTINGS, '010000000000000001'], error: 'ERR_HTTP2_SESSION_ERROR' },
  { name: 'an invalid header block', sends: [SETTINGS, frame(1, 4, 1, '80')], error: 'ERR_HTTP2_SESSION_ERROR' },
  {
    name: 'a header block that is interrupted',
    sends: [SETTINGS, frame(1, 0, 1, OK), HELLO],
    error: 'ERR_HTTP2_SESSION_ERROR',
  },
  {
    name: 'endless parts of a head',
    sends: [SETTINGS, frame(1, 0, 1, OK), frame(9, 0, 1).repeat(40_000)],
    error: 'ERR_HTTP2_SESSION_ERROR',
  },
  {
    name: 'padding beyond the frame',
    sends: [SETTINGS, frame(1, 4, 1, OK), frame(0, 8, 1, '05 00')],
    error: 'ERR_HTTP2_SESSION_ERROR',
  },
  { name: 'a stream that nobody began', sends: [SETTINGS, frame(1, 4, 7, OK)], error: 'ERR_HTTP2_SESSION_ERROR' },
  {
    name: 'a window that grows by nothing',
    sends: [SETTINGS, frame(8, 0, 0, '00000000')],
    error: 'ERR_HTTP2_SESSION_ERROR',
  },
  { name: 'a window that overflows', sends: [SETTINGS, frame(8, 0, 0, '7fffffff')], error: 'ERR_HTTP2_SESSION_ERROR' },
  { name: 'a ping of the wrong length', sends: [SETTINGS, frame(6, 0, 0, '00')], error: 'ERR_HTTP2_SESSION_ERROR' },
]

/** Runs a flow of one request at a server that sends these frames once the request has come, whole or byte by byte. */
async function runAt(sends: readonly string[], inBytes: boolean): Promise<ScenarioResult> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.once('data', () => {
      for (const part of sends) {
        if (part === 'end') {
          socket.end()
          continue
        }
        const bytes = Buffer.from(part, 'hex')
        const size = inBytes ? 1 : bytes.length
        for (let index = 0; index < bytes.length; index += size) socket.write(bytes.subarray(index, index + size))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const config = {
      target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      http: { http2: 'prior-knowledge', timeout: 10 },
    }
    const flow = [{ get: { url: '/', capture: { regexp: '.*', as: 'body' } } }]
    return await runScenario(UndiciEngine, { config, scenario: { flow } }, helpers)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

for (const { name, sends, error } of CASES) {
  for (const inBytes of [false, true]) {
    if (inBytes && sends.join('').length > 10_000) continue
    test(`${name}${inBytes ? ', byte by byte' : ''}`, { timeout: 30_000 }, async () => {
      const { counters, vars } = await runAt(sends, inBytes)
      const errors = Object.keys(counters).filter((counter) => counter.startsWith('errors.'))
      assert.deepEqual(errors, error === undefined ? [] : [`errors.${error}`])
      if (error === undefined) assert.equal(vars.body, 'hello')
    })
  }
}
