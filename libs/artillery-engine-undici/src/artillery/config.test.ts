import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from './config.ts'

test('defaults', () => {
  const config = readConfig({}, {})
  assert.equal(config.timeoutMs, 10_000)
  assert.equal(config.pool, undefined)
  assert.equal(config.connections, 'per-user')
  assert.equal(config.strictCapture, true)
  assert.deepEqual(config.defaultHeaders, { 'user-agent': 'Artillery (https://artillery.io)' })
  assert.ok(config.traceparents)
})

const READ: readonly {
  name: string
  config: Record<string, unknown>
  env?: Record<string, string>
  expected: object
}[] = [
  { name: 'http.timeout in seconds', config: { http: { timeout: 2.5 } }, expected: { timeoutMs: 2500 } },
  { name: 'timeout as text', config: { http: { timeout: '3' } }, expected: { timeoutMs: 3000 } },
  {
    name: 'config.timeout takes precedence',
    config: { timeout: 1, http: { timeout: 2 } },
    expected: { timeoutMs: 1000 },
  },
  {
    name: 'timeout 0 is the default, as in Artillery',
    config: { http: { timeout: 0 } },
    expected: { timeoutMs: 10_000 },
  },
  { name: 'pool', config: { http: { pool: '10' } }, expected: { pool: 10 } },
  {
    name: 'connections',
    config: { engines: { undici: { connections: 'reused' } } },
    expected: { connections: 'reused' },
  },
  { name: 'no http2', config: {}, expected: { http2: 'off' } },
  { name: 'http2 by ALPN', config: { http: { http2: true } }, expected: { http2: 'alpn' } },
  {
    name: 'http2 by prior knowledge',
    config: { http: { http2: 'prior-knowledge' } },
    expected: { http2: 'prior-knowledge' },
  },
  { name: 'strictCapture', config: { defaults: { strictCapture: false } }, expected: { strictCapture: false } },
  { name: 'extendedMetrics', config: { http: { extendedMetrics: true } }, expected: { extendedMetrics: true } },
  {
    name: 'extendedMetrics by environment',
    config: {},
    env: { ARTILLERY_EXTENDED_HTTP_METRICS: '1' },
    expected: { extendedMetrics: true },
  },
  {
    name: 'proxies',
    config: {},
    env: { HTTP_PROXY: 'http://p' },
    expected: { proxy: { http: 'http://p', https: undefined } },
  },
  {
    name: 'TLS by the names of Artillery',
    config: { tls: { rejectUnauthorized: false, certificateAuthority: 'pem' } },
    expected: { tls: { rejectUnauthorized: false, ca: 'pem' } },
  },
  {
    name: 'headers in lower case',
    config: { http: { defaults: { headers: { 'X-A': 1 } } } },
    expected: { defaultHeaders: { 'x-a': 1 } },
  },
]

for (const { name, config, env, expected } of READ) {
  test(`reads ${name}`, () => {
    const read: Record<string, unknown> = { ...readConfig(config, env ?? {}) }
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(read[key], value)
  })
}

const REFUSED: readonly { config: Record<string, unknown>; message: RegExp }[] = [
  { config: { http: { timeout: 'soon' } }, message: /config\.http\.timeout is "soon": use a number from/ },
  { config: { timeout: -1 }, message: /config\.timeout is -1/ },
  { config: { http: { pool: 'many' } }, message: /config\.http\.pool is "many": use a whole number from 1/ },
  { config: { http: { http2: 'h2' } }, message: /config\.http\.http2 is "h2": use false or true or prior-knowledge/ },
  { config: { http: { pool: 1.5 } }, message: /config\.http\.pool is 1.5/ },
  {
    config: { engines: { undici: { connections: 'none' } } },
    message: /connections is "none": use per-user or reused/,
  },
  { config: { engines: { undici: { maxBodyBytes: 0 } } }, message: /maxBodyBytes is 0/ },
  {
    config: { engines: { undici: { allowedOrigins: ['nowhere'] } } },
    message: /allowedOrigins is \["nowhere"\]: use a list of URLs/,
  },
  { config: { engines: { undici: { allowedOrigins: [] } } }, message: /allowedOrigins is \[\]/ },
  {
    config: { engines: { undici: { tracer: {} } } },
    message: /tracer is {}: use an object with a function startRequest/,
  },
  { config: { engines: { undici: { onRequestEnd: 'x' } } }, message: /onRequestEnd is "x": use a function/ },
  {
    config: { tls: { rejectUnauthorised: false } },
    message: /config\.tls\.rejectUnauthorised is unknown: use one of rejectUnauthorized/,
  },
  {
    config: { tls: { rejectUnauthorized: 'no' } },
    message: /config\.tls\.rejectUnauthorized is "no": use true or false/,
  },
  { config: { tls: { ca: 3 } }, message: /config\.tls\.ca is of type number: use a string/ },
]

for (const { config, message } of REFUSED) {
  test(`refuses ${JSON.stringify(config)}`, () => {
    assert.throws(() => readConfig(config, {}), { code: 'ERR_CONFIG', message })
  })
}

test('one error names every setting that cannot be used', () => {
  assert.throws(() => readConfig({ http: { timeout: 'x', pool: 'y' }, tls: 'z' }, {}), /timeout.*pool.*config\.tls/s)
})

test('a passphrase is never shown', () => {
  assert.throws(
    () => readConfig({ tls: { passphrase: { secret: 'hunter2' } } }, {}),
    (error: Error) => !error.message.includes('hunter2'),
  )
})
