import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { EngineHelpers, ScenarioSpec } from '../../src/artillery/contract.ts'
import { UndiciEngine } from '../../src/engine.ts'
import { type EngineClass, loadArtilleryCore } from '../testing/artillery-core.ts'
import { type RecordedRequest, RecordingServer } from '../testing/recording-server.ts'
import { runScenario, type ScenarioResult } from '../testing/run-scenario.ts'

/** The same scripts on Artillery's own HTTP engine and on this one: same requests on the wire, same counters, same variables. */

let server: RecordingServer
let HttpEngine: EngineClass
let helpers: EngineHelpers

before(async () => {
  server = await RecordingServer.start()
  const core = await loadArtilleryCore()
  HttpEngine = core.HttpEngine
  helpers = core.helpers
})

after(() => server[Symbol.asyncDispose]())

interface Case {
  name: string
  flow: ScenarioSpec['flow']
  scenario?: Record<string, unknown>
  config?: Record<string, unknown>
  /** Called for each engine. */
  processor?: () => Record<string, unknown>
  vars?: Record<string, unknown>
}

interface Run extends ScenarioResult {
  /** Bytes of response bodies the server has sent. */
  sentBytes: number
  requests: RecordedRequest[]
}

async function run(EngineUnderTest: EngineClass, { flow, scenario, config, processor, vars }: Case): Promise<Run> {
  server.requests = []
  const sentBefore = server.bodyBytes
  const result = await runScenario(
    EngineUnderTest,
    {
      config: {
        target: server.origin,
        http: { distributedTracing: false, ...(config?.http ?? {}) },
        ...structuredClone(Object.fromEntries(Object.entries(config ?? {}).filter(([key]) => key !== 'http'))),
        ...(processor !== undefined && { processor: processor() }),
      },
      scenario: { ...structuredClone(scenario ?? {}), flow: structuredClone(flow) },
      vars: structuredClone({ user: 'ann', id: 7, list: ['x', 'y', 'z'], ...vars }),
    },
    helpers,
  )
  return { ...result, requests: server.requests, sentBytes: server.bodyBytes - sentBefore }
}

/** What must be equal, in a form whose diff is easy to read. */
function comparable({ requests, counters, rates, histograms, vars, error }: Run) {
  return {
    requests: requests.map(({ method, url, headers, body }) => {
      const { connection: _connection, ...compared } = headers
      const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1]
      const text = JSON.stringify({ headers: Object.entries(compared).sort(), body })
      return `${method} ${url} ${boundary === undefined ? text : text.replaceAll(boundary, 'BOUNDARY')}`
    }),
    counters: Object.fromEntries(Object.entries(counters).filter(([name]) => name !== 'http.downloaded_bytes')),
    rates,
    responseTimes: Object.fromEntries(
      ['http.response_time', ...['2xx', '3xx', '4xx', '5xx'].map((status) => `http.response_time.${status}`)].map(
        (name) => [name, histograms[name]?.length ?? 0],
      ),
    ),
    vars,
    failed: error !== undefined,
  }
}

const SAME: readonly Case[] = [
  // Methods
  ...['get', 'post', 'put', 'patch', 'delete', 'head', 'options'].map((method) => ({
    name: `${method} without a body`,
    flow: [{ [method]: { url: '/text' } }],
  })),
  ...['post', 'put', 'patch', 'delete', 'options'].map((method) => ({
    name: `${method} with json`,
    flow: [{ [method]: { url: '/text', json: { a: 1, b: ['{{ user }}', true, null] } } }],
  })),
  { name: 'get with json and allowGetBody', flow: [{ get: { url: '/text', json: { a: 1 }, allowGetBody: true } }] },

  // URLs
  { name: 'templates in the URL', flow: [{ get: { url: '/text/{{ id }}?user={{ user }}' } }] },
  { name: 'a full URL by template', flow: [{ get: { url: '{{ target }}/text' } }] },
  { name: 'uri in the place of url', flow: [{ get: { uri: '/text/{{ id }}' } }] },
  { name: 'a target with a path', flow: [{ get: { url: '/b?c=d' } }], config: { targetPath: '/a' } },
  { name: 'characters that URLs escape', flow: [{ get: { url: '/text/a b/é?q=x y&z=%41"<>' } }] },
  { name: 'dot segments and a fragment', flow: [{ get: { url: '/a/../text/./x#fragment' } }] },
  { name: 'an unknown variable', flow: [{ get: { url: '/text/{{ nothing }}' } }] },
  { name: 'a URL of another protocol', flow: [{ get: { url: 'ftp://example.org/' } }] },
  { name: 'a URL that cannot be parsed', flow: [{ get: { url: 'http://[' } }] },
  { name: 'no URL', flow: [{ get: { json: {} } }] },
  {
    name: 'a function in a template',
    flow: [{ get: { url: '/text/{{ $randomNumber(1, 9) }}/{{ $randomString(5) }}' } }],
  },

  // Query
  { name: 'qs', flow: [{ get: { url: '/text', qs: { a: 1, b: '{{ user }}', c: ['x', 'y'], d: 'ä &=' } } }] },
  { name: 'qs replaces the query of the URL', flow: [{ get: { url: '/text?old=1', qs: { new: 2 } } }] },
  { name: 'qs with true and nothing', flow: [{ get: { url: '/text', qs: { a: true, b: null } } }] },

  // Headers
  { name: 'headers, in any case', flow: [{ get: { url: '/text', headers: { 'X-One': '1', 'x-two': '{{ user }}' } } }] },
  {
    name: 'default headers',
    flow: [{ get: { url: '/text', headers: { 'X-One': 'step' } } }],
    config: { http: { defaults: { headers: { 'x-one': 'default', 'X-Two': '{{ id }}', 'user-agent': 'mine' } } } },
  },
  {
    name: 'default headers without a user-agent',
    flow: [{ get: { url: '/text' } }],
    config: { http: { defaults: { headers: { 'x-one': 'default' } } } },
  },
  {
    name: 'default headers of old',
    flow: [{ get: { url: '/text' } }],
    config: { defaults: { headers: { 'x-old': 'yes' } } },
  },
  { name: 'number and boolean headers', flow: [{ get: { url: '/text', headers: { 'x-n': 12, 'x-b': true } } }] },
  {
    name: 'content-type takes precedence over that of json',
    flow: [{ post: { url: '/text', json: [1], headers: { 'content-type': 'application/vnd.x+json' } } }],
  },
  { name: 'a host header', flow: [{ get: { url: '/text', headers: { host: 'example.org' } } }] },
  {
    name: 'accept-encoding of the script',
    flow: [{ get: { url: '/text', headers: { 'accept-encoding': 'identity' } } }],
  },
  { name: 'gzip: false', flow: [{ get: { url: '/text', gzip: false } }] },
  { name: 'gzip: true', flow: [{ get: { url: '/text', gzip: true } }] },
  { name: 'auth', flow: [{ get: { url: '/text', auth: { user: '{{ user }}', pass: 'pä:ss' } } }] },
  { name: 'auth without a password', flow: [{ get: { url: '/text', auth: { user: 'ann' } } }] },
  { name: 'credentials in the URL', flow: [{ get: { url: 'http://ann:secret@{{ host }}/text' } }] },

  // Bodies
  { name: 'body', flow: [{ post: { url: '/text', body: 'plain {{ user }} ü' } }] },
  { name: 'empty body', flow: [{ post: { url: '/text', body: '' } }] },
  {
    name: 'body with a content type',
    flow: [{ post: { url: '/text', body: '<a/>', headers: { 'content-type': 'text/xml' } } }],
  },
  { name: 'json list', flow: [{ post: { url: '/text', json: ['{{ id }}', '{{ list }}', 'a{{ id }}'] } }] },
  {
    name: 'json by template of an object',
    flow: [{ post: { url: '/text', json: '{{ object }}' } }],
    vars: { object: { deep: [1] } },
  },
  {
    name: 'json with templates in its keys',
    flow: [{ post: { url: '/text', json: { 'k{{ id }}': { '{{ user }}': 1 } } } }],
  },
  { name: 'json takes precedence over body', flow: [{ post: { url: '/text', json: { a: 1 }, body: 'b' } }] },
  { name: 'form', flow: [{ post: { url: '/text', form: { a: '{{ user }}', b: 'x y&ä', c: 3, d: true } } }] },
  { name: 'formData', flow: [{ post: { url: '/text', formData: { a: '{{ user }}', b: 'ä', n: 3 } } }] },
  {
    name: 'formData with a content type and a file',
    flow: [
      {
        post: {
          url: '/text',
          formData: {
            typed: { value: '{"a":1}', contentType: 'application/json' },
            file: { fromFile: './artillery-core.ts', contentType: 'text/plain' },
            guessed: { fromFile: '../../tsconfig.json' },
          },
        },
      },
    ],
  },

  // Responses
  ...[200, 201, 204, 400, 404, 418, 500, 503].map((code) => ({
    name: `status ${code}`,
    flow: [{ get: { url: `/status/${code}` } }, { get: { url: '/text' } }],
  })),
  {
    name: 'an error status fails nothing',
    flow: [{ get: { url: '/status/500', capture: { regexp: 'status (\\d+)', group: 1, as: 'code' } } }],
  },
  { name: 'a chunked body', flow: [{ get: { url: '/chunked', capture: { json: '$.part', as: 'part' } } }] },
  ...['gzip', 'deflate', 'br'].map((coding) => ({
    name: `a ${coding} body, captured`,
    flow: [{ get: { url: `/${coding}`, capture: { json: '$.user.name', as: 'name' } } }],
  })),

  // Captures
  {
    name: 'captures: json, regexp, header',
    flow: [
      {
        get: {
          url: '/json',
          capture: [
            { json: '$.id', as: 'captured' },
            { json: '$.user.name', as: 'name' },
            { json: '$.user', as: 'object' },
            { json: '$.tags', as: 'tags', multiple: false },
            { regexp: '"name":"(\\w)', group: 1, as: 'letter' },
          ],
        },
      },
      { get: { url: '/header', capture: { header: 'x-token', as: 'token' } } },
      { get: { url: '/text/{{ captured }}/{{ token }}/{{ letter }}/{{ object.name }}/{{ tags[1] }}' } },
    ],
  },
  {
    name: 'capture into a path',
    flow: [
      { get: { url: '/json', capture: { json: '$.id', as: 'a.b[1].c' } } },
      { get: { url: '/text/{{ a.b[1].c }}' } },
    ],
  },
  {
    name: 'capture of a named group',
    flow: [{ get: { url: '/text', capture: { regexp: 'id=(?<num>\\d+)', group: 'num', as: 'num' } } }],
  },
  { name: 'capture with flags', flow: [{ get: { url: '/text', capture: { regexp: 'HELLO', flags: 'i', as: 'hi' } } }] },
  {
    name: 'capture by selector',
    flow: [
      { get: { url: '/html', capture: { selector: 'a.next', attr: 'href', as: 'next' } } },
      { get: { url: '{{ next }}' } },
    ],
  },
  {
    name: 'a capture of nothing fails',
    flow: [{ get: { url: '/json', capture: { json: '$.nothing', as: 'x' } } }, { get: { url: '/text' } }],
  },
  {
    name: 'a capture of nothing, not strict',
    flow: [
      { get: { url: '/json', capture: { json: '$.nothing', as: 'x', strict: false } } },
      { get: { url: '/text' } },
    ],
  },
  {
    name: 'strictCapture: false',
    flow: [{ get: { url: '/json', capture: { json: '$.nothing', as: 'x' } } }, { get: { url: '/text' } }],
    config: { http: { defaults: { strictCapture: false } } },
  },
  {
    name: 'a failed capture discards the others',
    flow: [
      {
        get: {
          url: '/json',
          capture: [
            { json: '$.id', as: 'a' },
            { json: '$.nothing', as: 'b' },
          ],
        },
      },
    ],
  },
  { name: 'json that is broken', flow: [{ get: { url: '/broken', capture: { json: '$.id', as: 'x' } } }] },
  {
    name: 'falsy captures',
    flow: [
      {
        get: {
          url: '/json',
          capture: [
            { json: '$.no', as: 'no' },
            { json: '$.none', as: 'none' },
          ],
        },
      },
    ],
  },
  {
    name: 'a template in the JSONPath',
    flow: [{ get: { url: '/json', capture: { json: '$.{{ field }}', as: 'x' } } }],
    vars: { field: 'id' },
  },

  // Matches
  { name: 'a match that holds', flow: [{ get: { url: '/json', match: { json: '$.user.name', value: 'Zoë' } } }] },
  {
    name: 'a match that fails',
    flow: [{ get: { url: '/json', match: { json: '$.id', value: 8 } } }, { get: { url: '/text' } }],
  },
  {
    name: 'a match that may fail',
    flow: [{ get: { url: '/json', match: { json: '$.id', value: 8, strict: false } } }, { get: { url: '/text' } }],
  },
  { name: 'a match by template', flow: [{ get: { url: '/json', match: { json: '$.id', value: '{{ id }}' } } }] },
  {
    name: 'capture and match',
    flow: [
      {
        get: {
          url: '/json',
          capture: { json: '$.id', as: 'x' },
          match: [
            { regexp: 'Zo', value: 'Zo' },
            { json: '$.id', value: 7 },
          ],
        },
      },
    ],
  },

  // Cookies
  {
    name: 'cookies come back',
    flow: [{ get: { url: '/cookie/sid' } }, { get: { url: '/text' } }, { get: { url: '/json' } }],
  },
  {
    name: 'cookies of a step',
    flow: [{ get: { url: '/text', cookie: { a: '{{ user }}', b: '2' } } }, { get: { url: '/text' } }],
  },
  {
    name: 'default cookies',
    flow: [
      { get: { url: '/text' } },
      { get: { url: '/text', cookie: { a: 'step' } } },
      { get: { url: '/cookie/sid' } },
      { get: { url: '/text' } },
    ],
    config: { http: { defaults: { cookie: { a: 'default', u: '{{ user }}' } } } },
  },
  { name: 'a cookie that is refused', flow: [{ get: { url: '/bad-cookie' } }, { get: { url: '/text' } }] },
  {
    name: 'a cookie header and the jar',
    flow: [{ get: { url: '/cookie/sid' } }, { get: { url: '/text', headers: { cookie: 'own=1' } } }],
  },

  // Redirects
  ...[301, 302, 303, 307, 308].flatMap((code) => [
    { name: `redirect ${code} of a get`, flow: [{ get: { url: `/redirect/${code}` } }] },
    { name: `redirect ${code} of a head`, flow: [{ head: { url: `/redirect/${code}` } }] },
    {
      name: `redirect ${code} not followed`,
      flow: [{ get: { url: `/redirect/${code}`, followRedirect: false } }, { get: { url: '/text' } }],
    },
  ]),
  {
    name: 'redirects in a row',
    flow: [{ get: { url: '/redirect/302?to=%2Fredirect%2F302%3Fto%3D%252Fjson', capture: { json: '$.id', as: 'x' } } }],
  },
  { name: 'a relative redirect', flow: [{ get: { url: '/redirect/302?to=..%2Fjson' } }] },
  { name: 'endless redirects', flow: [{ get: { url: '/redirect-forever' } }] },
  { name: 'redirects up to a limit', flow: [{ get: { url: '/redirect-forever', maxRedirects: 2 } }] },
  {
    name: 'a redirect to another host',
    flow: [
      { get: { url: '/redirect-away', auth: { user: 'a', pass: 'b' }, headers: { 'x-kept': '1', cookie: 'c=1' } } },
    ],
  },
  {
    name: 'a redirect keeps credentials on its host',
    flow: [{ get: { url: '/redirect/302', auth: { user: 'a', pass: 'b' } } }],
  },
  {
    name: 'cookies on a redirect, jar in use',
    flow: [{ get: { url: '/cookie/a' } }, { get: { url: '/cookie/b?to=/json' } }],
  },

  // Control
  {
    name: 'probability 0 and 100',
    flow: [{ get: { url: '/text/no', probability: 0 } }, { get: { url: '/text/yes', probability: 100 } }],
  },
  {
    name: 'ifTrue',
    flow: [
      { get: { url: '/text/1', ifTrue: 'id == 7' } },
      { get: { url: '/text/2', ifTrue: 'id > 7' } },
      { get: { url: '/text/3', ifTrue: 'user == "ann" and id < 9' } },
      { get: { url: '/text/4', ifTrue: 'nothing' } },
      { get: { url: '/text/5', ifTrue: 'not valid (' } },
    ],
  },
  {
    name: 'ifTrue by a function',
    flow: [{ get: { url: '/text/1', ifTrue: 'yes' } }, { get: { url: '/text/2', ifTrue: 'no' } }],
    processor: () => ({ yes: (vars: Record<string, unknown>) => vars.id === 7, no: () => false }),
  },
  {
    name: 'loop by count',
    flow: [{ count: 3, loop: [{ get: { url: '/text/{{ $loopCount }}/{{ $loopElement }}' } }] }],
  },
  { name: 'loop by a range', flow: [{ count: '2-5', loop: [{ get: { url: '/text/{{ $loopCount }}' } }] }] },
  {
    name: 'loop by a template',
    flow: [{ count: '{{ times }}', loop: [{ get: { url: '/text/{{ $loopCount }}' } }] }],
    vars: { times: 2 },
  },
  { name: 'loop with an invalid count', flow: [{ count: 'none', loop: [{ get: { url: '/text' } }] }] },
  {
    name: 'loop over a list',
    flow: [{ over: ['a', 'b{{ id }}'], loop: [{ get: { url: '/text/{{ $loopElement }}' } }] }],
  },
  { name: 'loop over a variable', flow: [{ over: 'list', loop: [{ get: { url: '/text/{{ $loopElement }}' } }] }] },
  {
    name: 'loop over a path',
    flow: [{ over: 'deep.list', loop: [{ get: { url: '/text/{{ $loopElement.a }}' } }] }],
    vars: { deep: { list: [{ a: 1 }, { a: 2 }] } },
  },
  {
    name: 'loop over nothing',
    flow: [{ over: 'nothing', loop: [{ get: { url: '/text' } }] }, { get: { url: '/text/after' } }],
  },
  {
    name: 'loop over an empty list',
    flow: [{ over: [], loop: [{ get: { url: '/text' } }] }, { get: { url: '/text/after' } }],
  },
  {
    name: 'loops in loops',
    flow: [
      {
        count: 2,
        loopValue: 'i',
        loop: [
          { over: 'list', loopElement: 'e', loopValue: 'j', loop: [{ get: { url: '/text/{{ i }}/{{ j }}/{{ e }}' } }] },
        ],
      },
    ],
  },
  {
    name: 'loop whileTrue',
    flow: [{ whileTrue: 'more', loop: [{ get: { url: '/text/{{ $loopCount }}' } }] }],
    processor: () => ({
      more: (context: { vars: Record<string, number> }, next: (go: boolean) => void) =>
        next((context.vars.$loopCount ?? 0) < 3),
    }),
  },
  {
    name: 'an error in a loop',
    flow: [
      { count: 3, loop: [{ get: { url: '/json', match: { json: '$.id', value: 8 } } }] },
      { get: { url: '/text' } },
    ],
  },
  {
    name: 'parallel',
    flow: [
      {
        parallel: [
          { get: { url: '/text/1' } },
          { get: { url: '/text/2' } },
          { get: { url: '/json', capture: { json: '$.id', as: 'p' } } },
        ],
      },
      { get: { url: '/text/{{ p }}' } },
    ],
  },
  {
    name: 'parallel with a limit',
    flow: [{ parallel: [{ get: { url: '/text/1' } }, { get: { url: '/text/2' } }], limit: 1 }],
  },
  {
    name: 'think',
    flow: [{ think: 0.01 }, { think: '5ms' }, { think: '{{ pause }}' }, { get: { url: '/text' } }],
    vars: { pause: '3 ms' },
  },
  { name: 'an invalid think time', flow: [{ think: 'a while' }, { get: { url: '/text' } }] },
  { name: 'log', flow: [{ log: 'at {{ user }}' }, { get: { url: '/text' } }] },

  // Functions and hooks
  {
    name: 'function: callback and async',
    flow: [{ function: 'callback' }, { function: 'promise' }, { get: { url: '/text/{{ a }}/{{ b }}' } }],
    processor: () => ({
      callback(context: { vars: Record<string, unknown> }, _events: unknown, next: () => void) {
        context.vars.a = 1
        setTimeout(next, 1)
      },
      async promise(context: { vars: Record<string, unknown> }) {
        context.vars.b = 2
      },
    }),
  },
  { name: 'a function that does not exist', flow: [{ function: 'nothing' }, { get: { url: '/text' } }] },
  {
    name: 'function that fails',
    flow: [{ function: 'fail' }, { get: { url: '/text' } }],
    processor: () => ({
      fail: (_context: unknown, _events: unknown, next: (error: Error) => void) => next(new Error('mine')),
    }),
  },
  {
    name: 'async function that fails',
    flow: [{ function: 'fail' }, { get: { url: '/text' } }],
    processor: () => ({
      fail: async () => {
        throw Object.assign(new Error('mine'), { code: 'EMINE' })
      },
    }),
  },
  {
    name: 'function that emits metrics',
    flow: [{ function: 'count' }],
    processor: () => ({
      count(_context: unknown, events: { emit(...values: unknown[]): void }, next: () => void) {
        events.emit('counter', 'own', 3)
        events.emit('histogram', 'size', 4)
        next()
      },
    }),
  },
  {
    name: 'beforeScenario and afterScenario',
    scenario: { beforeScenario: 'start', afterScenario: ['end', 'end'] },
    flow: [{ get: { url: '/text/{{ started }}' } }],
    processor: () => ({
      start(context: { vars: Record<string, unknown> }, _events: unknown, next: () => void) {
        context.vars.started = 'yes'
        next()
      },
      end(context: { vars: Record<string, number> }, _events: unknown, next: () => void) {
        context.vars.ended = (context.vars.ended ?? 0) + 1
        next()
      },
    }),
  },
  {
    name: 'beforeRequest changes the request',
    scenario: { beforeRequest: 'first' },
    flow: [{ post: { url: '/text/{{ id }}', beforeRequest: ['second'], json: { a: 1 }, headers: { 'x-a': 'step' } } }],
    processor: () => ({
      first(
        params: Record<string, unknown>,
        context: { vars: Record<string, unknown> },
        _events: unknown,
        next: () => void,
      ) {
        params.json = { changed: '{{ user }}', url: params.url }
        context.vars.seen = [params.method, params.timeout, typeof params.uuid]
        next()
      },
      async second(params: Record<string, unknown>) {
        params.headers = { 'X-B': 'hook {{ id }}' }
        params.url = `${params.url}?hook=1`
      },
    }),
  },
  {
    name: 'beforeRequest sets a body, cookies, credentials and a query',
    flow: [{ post: { url: '/text', beforeRequest: 'change' } }, { get: { url: '/text' } }],
    processor: () => ({
      change(params: Record<string, unknown>, _context: unknown, _events: unknown, next: () => void) {
        params.body = 'from a hook {{ id }}'
        params.cookie = { hook: '{{ user }}' }
        params.username = 'u'
        params.password = 'p'
        params.searchParams = 'x=1'
        next()
      },
    }),
  },
  {
    name: 'beforeRequest sends bytes',
    flow: [{ post: { url: '/text', beforeRequest: 'change' } }],
    processor: () => ({
      change(params: Record<string, unknown>, _context: unknown, _events: unknown, next: () => void) {
        params.body = Buffer.from('bytes')
        next()
      },
    }),
  },
  {
    name: 'beforeRequest that fails',
    scenario: { beforeRequest: 'fail' },
    flow: [{ get: { url: '/text' } }],
    processor: () => ({
      fail: (_p: unknown, _c: unknown, _e: unknown, next: (error: Error) => void) => next(new Error('refused')),
    }),
  },
  {
    name: 'afterResponse sees the response',
    scenario: { afterResponse: ['look'] },
    flow: [
      { get: { url: '/gzip', name: 'doc {{ id }}', headers: { 'x-a': '{{ user }}' } } },
      { head: { url: '/redirect/302?to=/header' } },
    ],
    processor: () => ({
      look(
        params: Record<string, unknown>,
        response: { statusCode: number; body: string; headers: Record<string, unknown> },
        context: { vars: Record<string, unknown> },
        _events: unknown,
        next: () => void,
      ) {
        const seen = [
          response.statusCode,
          response.body,
          response.headers['x-token'],
          params.name,
          params.url,
          params.method,
        ]
        context.vars.seen = [...((context.vars.seen as unknown[]) ?? []), ...seen]
        context.vars.sent = (params.headers as Record<string, unknown>)['x-a']
        next()
      },
    }),
  },
  {
    name: 'afterResponse that fails',
    flow: [{ get: { url: '/text', afterResponse: 'fail' } }, { get: { url: '/text' } }],
    processor: () => ({
      fail: async () => {
        throw new Error('bad answer')
      },
    }),
  },
  {
    name: 'afterResponse runs after a failed capture',
    flow: [{ get: { url: '/json', afterResponse: 'look', capture: { json: '$.nothing', as: 'x' } } }],
    processor: () => ({
      look(_p: unknown, _r: unknown, context: { vars: Record<string, unknown> }, _e: unknown, next: () => void) {
        context.vars.ran = true
        next()
      },
    }),
  },
  {
    name: 'hooks by template, and hooks that do not exist',
    flow: [{ get: { url: '/text', beforeRequest: ['{{ hook }}', 'missing'], afterResponse: 'missing' } }],
    vars: { hook: 'mark' },
    processor: () => ({
      mark(params: Record<string, unknown>, _c: unknown, _e: unknown, next: () => void) {
        params.headers = { 'x-mark': '1' }
        next()
      },
    }),
  },
  {
    name: 'onError',
    scenario: { onError: ['seen'] },
    flow: [{ get: { url: 'http://127.0.0.1:1/' } }, { get: { url: '/text' } }],
    processor: () => ({
      seen(
        error: { code: string },
        params: Record<string, unknown>,
        context: { vars: Record<string, unknown> },
        _e: unknown,
        next: () => void,
      ) {
        context.vars.error = [error.code, params.url]
        next()
      },
    }),
  },

  // Errors of the transport
  { name: 'connection refused', flow: [{ get: { url: 'http://127.0.0.1:1/' } }, { get: { url: '/text' } }] },
  { name: 'connection reset', flow: [{ get: { url: '/reset' } }, { get: { url: '/text' } }] },
  { name: 'no answer in time', flow: [{ get: { url: '/silent' } }], config: { http: { timeout: 0.3 } } },
  { name: 'no answer in time, set for all', flow: [{ get: { url: '/silent' } }], config: { timeout: 0.3 } },
  { name: 'a host that does not exist', flow: [{ get: { url: 'http://nothing.invalid/' } }] },
  {
    name: 'a shared pool',
    flow: [{ get: { url: '/text' } }, { parallel: [{ get: { url: '/json' } }, { get: { url: '/json' } }] }],
    config: { http: { pool: 2 } },
  },

  // Tracing
  {
    name: 'a traceparent of the script',
    flow: [
      { get: { url: '/text', headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } } },
    ],
  },
]

/** Where this engine differs on purpose. `ours` must hold for it and must not hold for Artillery's, unless theirs would hang. */
interface Difference extends Case {
  ours: (run: Run) => void
  /** Artillery's engine never ends, or ends the process. */
  theirsHangs?: boolean
}

const errorsOf = ({ counters }: Run): string[] =>
  Object.keys(counters)
    .filter((name) => name.startsWith('errors.'))
    .map((name) => name.slice('errors.'.length))

const DIFFERENT: readonly Difference[] = [
  {
    name: 'a body for a method that has none: the error says so',
    flow: [{ get: { url: '/text', json: { a: 1 } } }],
    ours: (ours) => assert.deepEqual(errorsOf(ours), ['The `GET` method cannot be used with a body']),
  },
  {
    name: 'a form with a file that does not exist: the error says so',
    flow: [{ post: { url: '/text', formData: { f: { fromFile: './nothing' } } } }],
    ours: (ours) => assert.deepEqual(errorsOf(ours), ['ENOENT']),
  },
  {
    name: 'a zstd body is asked for, so it is decoded',
    flow: [{ get: { url: '/zstd', capture: { json: '$.user.name', as: 'name' } } }],
    ours: ({ vars }) => assert.equal(vars.name, 'Zoë'),
  },
  {
    name: 'a redirect that drops the body drops its content-type',
    flow: [{ post: { url: '/redirect/303', json: { a: 1 } } }],
    ours: ({ requests }) => assert.equal(requests[1]?.headers['content-type'], undefined),
  },
  {
    name: 'a cookie of a redirect goes with the next hop',
    flow: [{ get: { url: '/cookie/sid?to=/json' } }],
    ours: ({ requests }) => assert.equal(requests[1]?.headers.cookie, 'theme=dark; sid=1'),
  },
  {
    name: 'a character split over two chunks',
    flow: [{ get: { url: '/split', capture: { regexp: '^(.*)$', group: 1, as: 'text' } } }],
    ours: ({ vars }) => assert.equal(vars.text, 'Zoë'),
  },
  {
    name: 'an async hook may return a value',
    flow: [{ get: { url: '/text', beforeRequest: 'hook' } }],
    processor: () => ({ hook: async () => 'a value' }),
    ours: (ours) => assert.deepEqual(errorsOf(ours), []),
  },
  {
    name: 'a function may return a promise without being async',
    flow: [{ function: 'promise' }, { get: { url: '/text' } }],
    processor: () => ({ promise: () => Promise.resolve() }),
    ours: ({ requests }) => assert.equal(requests.length, 1),
    theirsHangs: true,
  },
  {
    name: 'whileTrue may be async',
    flow: [{ whileTrue: 'more', loop: [{ get: { url: '/text' } }] }],
    processor: () => ({
      more: async (context: { vars: Record<string, number> }) => (context.vars.$loopCount ?? 0) < 2,
    }),
    ours: ({ requests }) => assert.equal(requests.length, 2),
    theirsHangs: true,
  },
  ...[304, 300, 302].map((code) => ({
    name: `status ${code} without a location ends the step`,
    flow: [{ get: { url: `/status/${code}` } }, { get: { url: '/text' } }],
    ours: ({ requests }: Run) => assert.equal(requests.length, 2),
    theirsHangs: true,
  })),
  {
    name: 'a body that is not what its coding says',
    flow: [{ get: { url: '/notgzip', capture: { json: '$.id', as: 'x' } } }],
    ours: (ours) => assert.deepEqual(errorsOf(ours), ['ERR_BODY_DECODING']),
    theirsHangs: true,
  },
  {
    name: 'a body that stops half way',
    flow: [{ get: { url: '/head-only' } }],
    config: { http: { timeout: 0.3 } },
    ours: (ours) => assert.deepEqual(errorsOf(ours), ['ETIMEDOUT']),
    theirsHangs: true,
  },
  {
    name: 'a body that is cut off has no response time',
    flow: [{ get: { url: '/cut', capture: { regexp: 'on', as: 'x' } } }],
    ours: (ours) => {
      assert.deepEqual(errorsOf(ours), ['ECONNRESET'])
      assert.equal(ours.counters['http.codes.200'], 1)
      assert.equal(ours.histograms['http.response_time'], undefined)
    },
  },
  {
    name: 'a capture that cannot be evaluated',
    flow: [{ get: { url: '/text', capture: { regexp: '(', as: 'x' } } }, { get: { url: '/text' } }],
    ours: (ours) => assert.deepEqual(errorsOf(ours), ['Invalid regular expression: /(/: Unterminated group']),
    theirsHangs: true,
  },
  {
    name: 'an onError hook that does not exist',
    scenario: { onError: 'missing' },
    flow: [{ get: { url: '/reset' } }],
    ours: (ours) => assert.deepEqual(errorsOf(ours), ['ECONNRESET']),
    theirsHangs: true,
  },
]

for (const item of SAME) {
  test(`same: ${item.name}`, { timeout: 30_000 }, async () => {
    const targetPath = item.config?.targetPath
    const given: Case = {
      ...item,
      vars: { ...item.vars, host: new URL(server.origin).host },
      ...(typeof targetPath === 'string' && { config: { target: server.origin + targetPath } }),
    }
    const theirs = await run(HttpEngine, given)
    const ours = await run(UndiciEngine, given)
    assert.deepEqual(comparable(ours), comparable(theirs))
    if (errorsOf(ours).length === 0) {
      assert.equal(ours.counters['http.downloaded_bytes'] ?? 0, ours.sentBytes, 'every byte of the bodies is counted')
    }
  })
}

for (const { ours, theirsHangs, ...item } of DIFFERENT) {
  test(`different: ${item.name}`, { timeout: 30_000 }, async () => {
    ours(await run(UndiciEngine, item))
    if (theirsHangs) return
    const theirs = await run(HttpEngine, item)
    assert.throws(() => ours(theirs), 'Artillery has caught up: this belongs among the same')
  })
}
