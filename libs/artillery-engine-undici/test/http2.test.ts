import assert from 'node:assert/strict'
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { EngineHelpers, ScenarioSpec } from '../src/artillery/contract.ts'
import { UndiciEngine } from '../src/engine.ts'
import { type EngineClass, loadArtilleryCore } from './testing/artillery-core.ts'
import { createCertificate, hasOpenssl } from './testing/certificate.ts'
import { runScenario, type ScenarioResult } from './testing/run-scenario.ts'

interface SeenRequest {
  version: string
  method: string
  path: string
  headers: Record<string, unknown>
  body: string
}

const FLOW: ScenarioSpec['flow'] = [
  { get: { url: '/json?a=1', headers: { 'X-One': '1' }, capture: { json: '$.id', as: 'id' } } },
  { post: { url: '/text/{{ id }}', json: { a: 1 } } },
  { put: { url: '/text', form: { a: 'b' } } },
  { delete: { url: '/missing' } },
  { get: { url: '/redirect' } },
  { head: { url: '/text' } },
]

/** More than the windows of either side. */
const LARGE = 20_000_000

let helpers: EngineHelpers
let HttpEngine: EngineClass
let seen: SeenRequest[] = []
let sessions = 0

before(async () => {
  const core = await loadArtilleryCore()
  helpers = core.helpers
  HttpEngine = core.HttpEngine
})

async function answer(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
  const { httpVersion: version, method, url: path, headers } = request
  let body = ''
  for await (const chunk of request) body += String(chunk)
  seen.push({ version, method, path, headers, body })
  response.setHeader('set-cookie', ['a=1', 'b=2'])
  if (path === '/redirect') response.writeHead(302, { location: '/text' })
  if (path === '/missing') response.writeHead(404)
  if (path === '/silent') return
  if (path === '/large') response.end('x'.repeat(LARGE))
  else if (path === '/leave') {
    response.end('text')
    response.stream.session?.close()
  } else if (path === '/reset') response.stream.close(2)
  else response.end(path.startsWith('/json') ? '{"id":7}' : 'text')
}

async function listen(server: Http2Server | Http2SecureServer): Promise<number> {
  server.on('session', () => sessions++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function run(
  EngineUnderTest: EngineClass,
  config: Record<string, unknown>,
  flow: ScenarioSpec['flow'],
): Promise<ScenarioResult> {
  seen = []
  sessions = 0
  const http = { distributedTracing: false, timeout: 3, ...Object(config.http) }
  return runScenario(
    EngineUnderTest,
    { config: { ...config, http }, scenario: { flow: structuredClone(flow) } },
    helpers,
  )
}

describe('HTTP/2 by prior knowledge', () => {
  const server = createServer((request, response) => void answer(request, response))
  let target: string

  before(async () => {
    target = `http://127.0.0.1:${await listen(server)}`
  })
  after(() => server.close())

  test('every request of a user goes over one connection', async () => {
    const { error, counters, vars } = await run(UndiciEngine, { target, http: { http2: 'prior-knowledge' } }, FLOW)
    assert.equal(error, undefined)
    assert.equal(vars.id, 7)
    assert.equal(sessions, 1)
    assert.deepEqual(
      seen.map(({ version, method, path, body }) => `${version} ${method} ${path} ${body}`),
      [
        '2.0 GET /json?a=1 ',
        '2.0 POST /text/7 {"a":1}',
        '2.0 PUT /text a=b',
        '2.0 DELETE /missing ',
        '2.0 GET /redirect ',
        '2.0 GET /text ',
        '2.0 HEAD /text ',
      ],
    )
    assert.equal(counters['http.responses'], 7)
    assert.equal(counters['http.codes.404'], 1)
    assert.equal(seen[1]?.headers.cookie, 'a=1; b=2')
  })

  test('the requests of a parallel share the connection', async () => {
    const parallel = [{ get: { url: '/text' } }, { get: { url: '/text' } }, { get: { url: '/text' } }]
    const { counters } = await run(UndiciEngine, { target, http: { http2: 'prior-knowledge' } }, [{ parallel }])
    assert.equal(counters['http.codes.200'], 3)
    assert.equal(sessions, 1)
  })

  test('a stream that the server resets fails its request', async () => {
    const { counters } = await run(UndiciEngine, { target, http: { http2: 'prior-knowledge' } }, [
      { get: { url: '/reset' } },
    ])
    assert.deepEqual(
      Object.keys(counters).filter((name) => name.startsWith('errors.')),
      ['errors.ERR_HTTP2_STREAM_ERROR'],
    )
  })
})

describe('HTTP/2 and its bounds', () => {
  const server = createServer(
    { settings: { maxConcurrentStreams: 2, initialWindowSize: 1000 } },
    (request, response) => {
      void answer(request, response)
    },
  )
  let config: Record<string, unknown>

  before(async () => {
    config = { target: `http://127.0.0.1:${await listen(server)}`, http: { http2: 'prior-knowledge' } }
  })
  after(() => server.close())

  test('large bodies go both ways', async () => {
    const body = 'y'.repeat(1_000_000)
    const engines = { undici: { maxBodyBytes: 2 * LARGE } }
    const http = { http2: 'prior-knowledge', timeout: 60 }
    const { error, vars } = await run(UndiciEngine, { ...config, engines, http }, [
      { post: { url: '/large', body, capture: { regexp: 'x+', as: 'answer' } } },
    ])
    assert.equal(error, undefined)
    assert.equal(seen[0]?.body, body)
    assert.equal(seen[0]?.headers['content-length'], String(body.length))
    assert.equal(String(vars.answer).length, LARGE)
  })

  test('a form with a file is sent as it is read', async () => {
    const { error } = await run(UndiciEngine, config, [
      { post: { url: '/text', formData: { n: '1', file: { fromFile: fileURLToPath(import.meta.url) } } } },
    ])
    assert.equal(error, undefined)
    assert.match(seen[0]?.body ?? '', /a form with a file is sent as it is read/)
  })

  test('more requests than the server takes at once wait for their turn', async () => {
    const parallel = Array.from({ length: 7 }, () => ({ get: { url: '/text' } }))
    const { counters } = await run(UndiciEngine, config, [{ parallel }])
    assert.equal(counters['http.codes.200'], 7)
    assert.equal(sessions, 1)
  })

  test('requests that wait for their turn time out, too', async () => {
    const parallel = Array.from({ length: 4 }, () => ({ get: { url: '/silent' } }))
    const { counters } = await run(UndiciEngine, { ...config, http: { http2: 'prior-knowledge', timeout: 0.3 } }, [
      { parallel },
    ])
    assert.equal(counters['errors.ETIMEDOUT'], 1)
  })

  test('a server that ends its connection gets a new one', async () => {
    const { error } = await run(UndiciEngine, config, [{ get: { url: '/leave' } }, { get: { url: '/text' } }])
    assert.equal(error, undefined)
    assert.equal(sessions, 2)
  })

  test('a pool opens no more connections than it may', async () => {
    const parallel = Array.from({ length: 9 }, () => ({ get: { url: '/text' } }))
    await run(UndiciEngine, { ...config, http: { http2: 'prior-knowledge', pool: 3 } }, [{ parallel }])
    assert.equal(seen.length, 9)
    assert.equal(sessions, 3)
  })

  test('a header that would split the request fails it', async () => {
    const { counters } = await run(UndiciEngine, config, [{ get: { url: '/text', headers: { 'x-a': 'b\r\nc: d' } } }])
    assert.equal(counters['errors.ERR_HEADER'], 1)
    assert.equal(seen.length, 0)
  })

  test('nobody listens', async () => {
    const { counters } = await run(UndiciEngine, { ...config, target: 'http://127.0.0.1:1' }, [{ get: { url: '/' } }])
    assert.equal(counters['errors.ECONNREFUSED'], 1)
  })
})

describe('HTTP/2 by ALPN', { skip: hasOpenssl() ? false : 'openssl is not installed' }, () => {
  let server: Http2SecureServer
  let config: Record<string, unknown>

  before(async () => {
    server = createSecureServer({ ...createCertificate(), allowHTTP1: true }, (request, response) => {
      void answer(request, response)
    })
    config = { target: `https://127.0.0.1:${await listen(server)}`, tls: { rejectUnauthorized: false } }
  })
  after(() => server.close())

  test('HTTP/1.1 unless the script asks for HTTP/2', async () => {
    await run(UndiciEngine, config, [{ get: { url: '/text' } }])
    assert.equal(seen[0]?.version, '1.1')
  })

  test('config.http.http2 uses it where the server offers it', async () => {
    const { error } = await run(UndiciEngine, { ...config, http: { http2: true } }, FLOW)
    assert.equal(error, undefined)
    assert.deepEqual(new Set(seen.map(({ version }) => version)), new Set(['2.0']))
  })

  test('a server that knows HTTP/1.1 only gets that, over one connection', async () => {
    const old = createHttpsServer(createCertificate(), (request, response) => {
      seen.push({ version: request.httpVersion, method: '', path: '', headers: {}, body: '' })
      response.end('text')
    })
    let connections = 0
    old.on('secureConnection', () => connections++)
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve))
    try {
      const target = `https://127.0.0.1:${(old.address() as AddressInfo).port}`
      const flow = [{ get: { url: '/text' } }, { get: { url: '/text' } }]
      const { error } = await run(UndiciEngine, { ...config, target, http: { http2: true } }, flow)
      assert.equal(error, undefined)
      assert.deepEqual(
        seen.map(({ version }) => version),
        ['1.1', '1.1'],
      )
      assert.equal(connections, 1)
    } finally {
      old.close()
    }
  })

  test("http2 of a step: same as in Artillery's own engine", async () => {
    const flow = FLOW.map((step) =>
      Object.fromEntries(Object.entries(step).map(([method, params]) => [method, { ...Object(params), http2: true }])),
    )
    const compared = (result: ScenarioResult) => ({
      requests: seen.map(({ headers, ...request }) => ({
        ...request,
        headers: Object.entries(headers)
          .filter(([name]) => typeof name === 'string')
          .sort(),
      })),
      counters: Object.fromEntries(
        Object.entries(result.counters).filter(([name]) => name !== 'http.downloaded_bytes'),
      ),
      id: result.vars.id,
    })
    const theirs = compared(await run(HttpEngine, config, flow))
    const ours = compared(await run(UndiciEngine, config, flow))
    assert.deepEqual(ours, theirs)
    assert.equal(ours.requests[0]?.version, '2.0')
  })
})
