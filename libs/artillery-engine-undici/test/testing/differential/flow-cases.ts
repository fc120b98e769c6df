import type { Case } from './compare-engines.ts'

export const FLOW_CASES: readonly Case[] = [
  // Control
  ...[0, 0.3, 0.45, 0.55, 0.97].map((random) => ({
    name: `probabilities at the random number ${random}`,
    flow: [0, '0', 40, '50', 100, '100', 1000, -5, 'often', null].map((probability, index) => ({
      get: { url: `/text/${index}`, probability },
    })),
    random,
  })),
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
  { name: 'a host that does not exist', flow: [{ get: { url: `http://${'a'.repeat(64)}.invalid/` } }] },
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

  // Errors that are not of the class Error
  ...[
    { code: 'EPLAIN' },
    { code: 42 },
    { message: 'plain' },
    { code: '', message: 'plain' },
    { code: 'EBOTH', message: 'm' },
  ].map((error) => ({
    name: `a function that fails with ${JSON.stringify(error)}`,
    flow: [{ function: 'fail' }],
    processor: () => ({ fail: (_context: unknown, _events: unknown, next: (error: unknown) => void) => next(error) }),
  })),
  {
    name: 'a hook that rejects with a plain object',
    flow: [{ get: { url: '/text', afterResponse: 'fail' } }],
    processor: () => ({ fail: async () => Promise.reject({ message: 'plain' }) }),
  },
]
