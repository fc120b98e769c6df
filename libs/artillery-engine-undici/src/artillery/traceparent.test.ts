import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TraceparentGenerator, traceparentGenerator } from './traceparent.ts'

test('traceparents are valid by W3C Trace Context and all different', () => {
  const generator = new TraceparentGenerator()
  const made = Array.from({ length: 1000 }, () => generator.next())
  for (const traceparent of made) assert.match(traceparent, /^00-a9[0-9a-f]{30}-(?!0{16})[0-9a-f]{16}-01$/)
  assert.equal(new Set(made.map((traceparent) => traceparent.slice(3, 35))).size, 1000)
  assert.equal(new Set(made.map((traceparent) => traceparent.slice(36, 52))).size, 1000)
})

const SETTINGS: readonly { setting: unknown; gives: RegExp | undefined }[] = [
  { setting: undefined, gives: /^00-a9[0-9a-f]{30}-[0-9a-f]{16}-01$/ },
  { setting: true, gives: /^00-a9[0-9a-f]{30}-[0-9a-f]{16}-01$/ },
  { setting: {}, gives: /-01$/ },
  { setting: { sampled: false }, gives: /-00$/ },
  { setting: { traceIdPrefix: 'DEADBEEF' }, gives: /^00-deadbeef[0-9a-f]{24}-/ },
  { setting: { traceIdPrefix: 12 }, gives: /^00-12[0-9a-f]{30}-/ },
  { setting: false, gives: undefined },
  { setting: { enabled: false }, gives: undefined },
]

for (const { setting, gives } of SETTINGS) {
  test(`http.distributedTracing: ${JSON.stringify(setting)}`, () => {
    const generator = traceparentGenerator(setting)
    if (gives === undefined) assert.equal(generator, undefined)
    else assert.match(generator?.next() ?? '', gives)
  })
}

test('a prefix that is not hexadecimal is refused', () => {
  assert.throws(() => traceparentGenerator({ traceIdPrefix: 'xyz' }), {
    code: 'ERR_CONFIG',
    message: /traceIdPrefix is "xyz"/,
  })
})
