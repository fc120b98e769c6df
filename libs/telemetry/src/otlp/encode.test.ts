import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeProtobuf } from './encode.ts'
import { logsRequest } from './logs-request.ts'
import { LOGS_REQUEST } from './messages.ts'

/** What protobufjs decodes to the same message with OpenTelemetry's definitions. */
const ENCODED = [
  '0a9e010a0a0a080a016112030a0162128f010a060a017312013112840109c0546ab04882ec1859c0546ab04882ec1810',
  '111a054552524f522a050a0368c3a932120a036e6567120b18fdffffffffffffffff0132110a0468616c661209210000',
  '00000000e03f320f0a047461677312072a050a030a0161320c0a06697354727565120210014a100af7651916cd43dd84',
  '48eb211c80319c5208b7ad6b7169203331',
].join('')

test('a request in protobuf has the numbers and types of OpenTelemetry’s definitions', () => {
  const line = JSON.stringify({
    severity: 'ERROR',
    time: '2026-11-29T12:00:00.123Z',
    message: 'hé',
    neg: -3,
    half: 0.5,
    tags: ['a'],
    isTrue: true,
    'logging.googleapis.com/trace': '0af7651916cd43dd8448eb211c80319c',
    'logging.googleapis.com/spanId': 'b7ad6b7169203331',
  })
  const message = logsRequest([line], { attributes: { a: 'b' }, scope: { name: 's', version: '1' } })
  assert.equal(Buffer.from(encodeProtobuf(LOGS_REQUEST, message)).toString('hex'), ENCODED)
})

test('signed integers are written in zigzag form', () => {
  const hexOf = (offset: number) => Buffer.from(encodeProtobuf({ offset: [1, 'sint32'] }, { offset })).toString('hex')
  // From the table of https://protobuf.dev/programming-guides/encoding/#signed-ints.
  const table = {
    0: '0800',
    '-1': '0801',
    1: '0802',
    '-2': '0803',
    [2 ** 31 - 1]: '08feffffff0f',
    [-(2 ** 31)]: '08ffffffff0f',
  }
  assert.deepEqual(Object.fromEntries(Object.keys(table).map((number) => [number, hexOf(Number(number))])), table)
})
