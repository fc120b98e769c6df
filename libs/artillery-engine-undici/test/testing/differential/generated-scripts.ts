import type { Case } from './compare-engines.ts'

/** A sequence of numbers in [0, 1) that depends on its seed alone (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

type Options = Readonly<Record<string, unknown>>
type StepSpec = Record<string, unknown>

/** Values of each option that Artillery documents for a request; undefined leaves the option out. */
const REQUEST_OPTIONS: Readonly<Record<string, readonly unknown[]>> = {
  url: [
    '/text',
    '/text/{{ id }}',
    '/json',
    '/json?user={{ user }}',
    '{{ target }}/text',
    '/gzip',
    '/chunked',
    '/status/404',
    '/status/500',
    '/status/204',
    '/redirect/302',
    '/redirect/307?to=%2Fjson',
    '/cookie/sid',
    '/header',
    '/html',
    '/continue',
    '/slow-body/2',
    '/text?a=1&b={{ $randomNumber(1, 9) }}',
  ],
  name: [undefined, undefined, 'named', 'user {{ user }}'],
  qs: [
    undefined,
    undefined,
    { a: 1 },
    { q: '{{ user }}', list: ['x', '{{ id }}'] },
    { flag: true, none: null, text: 'ä b' },
    { nested: { a: [1] } },
  ],
  headers: [
    undefined,
    undefined,
    { 'X-One': '1' },
    { 'x-user': '{{ user }}', 'X-Two': '{{ $randomString(4) }}' },
    { 'content-type': 'application/vnd.test+json' },
    { 'user-agent': 'mine/{{ id }}', accept: '*/*' },
    { authorization: 'Bearer {{ token }}' },
  ],
  cookie: [undefined, undefined, undefined, { a: '1' }, { session: '{{ token }}', b: 'x y' }],
  auth: [undefined, undefined, undefined, { user: 'ann', pass: 'secret' }, { user: '{{ user }}', pass: '{{ token }}' }],
  gzip: [undefined, undefined, true, false],
  followRedirect: [undefined, undefined, undefined, false, true],
  ifTrue: [undefined, undefined, undefined, 'id == 7', 'id > 7', 'user == "ann" and id < 10', 'not (missing)', 'list'],
  probability: [undefined, undefined, undefined, undefined, undefined, 0, '0'],
  beforeRequest: [undefined, undefined, undefined, 'addHeader', ['addHeader', 'setBody'], 'missing', 'asyncHook'],
  afterResponse: [undefined, undefined, undefined, 'look', ['look', 'asyncHook'], 'failSometimes'],
  capture: [
    undefined,
    undefined,
    { json: '$.id', as: 'captured', strict: false },
    [
      { json: '$.user.name', as: 'name', strict: false },
      { header: 'x-token', as: 'token', strict: false },
    ],
    { regexp: 'id=(\\d+)', group: 1, as: 'number', strict: false },
    { regexp: '.', as: 'deep.path[1]' },
    { selector: 'a.next', attr: 'href', as: 'next', strict: false },
    { json: '$.missing', as: 'missing' },
    { json: '$.tags', multiple: false, as: 'tags', strict: false },
  ],
  match: [
    undefined,
    undefined,
    undefined,
    { json: '$.id', value: 7, strict: false },
    { json: '$.id', value: '{{ id }}' },
    { regexp: 'Hello', value: 'Hello', strict: false },
  ],
}

const BODIES: readonly Options[] = [
  {},
  { json: { a: 1, user: '{{ user }}', nested: { list: ['{{ id }}', null, true] } } },
  { json: ['{{ list }}', '{{ user }}'] },
  { json: '{{ object }}' },
  { body: 'plain {{ user }}' },
  { form: { a: '{{ user }}', b: ['x', 'y'], c: { d: 1 }, e: 2 } },
  { form: { a: '{{ $randomNumber(1, 9) }}' } },
  { formData: { a: '{{ user }}', b: { value: '{}', contentType: 'application/json' } } },
  { formData: { file: { fromFile: './artillery-core.ts' }, n: 1 } },
  { formData: { file: { fromFile: './artillery-core.ts', contentType: 'text/plain' } } },
]

const CONFIGS: readonly Options[] = [
  {},
  { http: { defaults: { headers: { 'x-default': '{{ user }}', 'X-Two': 'default' } } } },
  { http: { defaults: { cookie: { d: '{{ id }}' } } } },
  { http: { defaults: { strictCapture: false } } },
  { http: { timeout: 5, pool: 3 } },
  { http: { cookieJarOptions: { rejectPublicSuffixes: false } } },
  { http: { defaults: { think: { jitter: '20%' } } } },
  { defaults: { headers: { 'x-old': '1' } }, timeout: 5 },
  { tls: { rejectUnauthorized: false } },
  { targetPath: '/text' },
]

const SCENARIOS: readonly Options[] = [
  {},
  {},
  { name: 'a scenario', weight: 2 },
  { beforeRequest: 'addHeader' },
  { afterResponse: ['look'] },
  { beforeScenario: 'setUp', afterScenario: ['tearDown'] },
  { onError: 'noteError' },
]

const METHODS_WITH_BODY: ReadonlySet<string> = new Set(['post', 'put', 'patch', 'delete', 'options'])
const METHODS = ['get', 'get', 'get', 'post', 'put', 'patch', 'delete', 'head', 'options']

/** A script from Artillery's documented options, determined by its seed. */
export function generateCase(seed: number): Case {
  const generator = new ScriptGenerator(seededRandom(seed))
  return generator.script(`seed ${seed}`)
}

/** The same over HTTP/2, which Artillery's engine has as an option of each request. */
export function generateHttp2Case(seed: number): Case {
  const item = generateCase(seed)
  const tls = { rejectUnauthorized: false }
  return { ...item, flow: item.flow.map(withHttp2), config: { ...item.config, tls } }
}

function withHttp2(step: StepSpec): StepSpec {
  return Object.fromEntries(
    Object.entries(step).map(([key, value]) => {
      if (key === 'loop' || key === 'parallel') return [key, (value as StepSpec[]).map(withHttp2)]
      if (!METHODS.includes(key)) return [key, value]
      // Over HTTP/2, Artillery's engine can't send the body of a DELETE.
      const noBody = key === 'delete' ? { json: undefined, form: undefined, formData: undefined, body: undefined } : {}
      return [key, { ...Object(value), ...noBody, http2: true }]
    }),
  )
}

class ScriptGenerator {
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  script(name: string): Case {
    return {
      name,
      flow: this.#steps(1 + this.#below(4), 0),
      scenario: { ...this.#pick(SCENARIOS) },
      config: { ...this.#pick(CONFIGS) },
      processor: createProcessor,
      vars: { object: { deep: [1, { a: '{{ user }}' }] }, token: 't0k/en', pause: '2ms', empty: [] },
    }
  }

  #steps(count: number, depth: number): StepSpec[] {
    return Array.from({ length: count }, () => this.#step(depth))
  }

  #step(depth: number): StepSpec {
    const kind = this.#random()
    if (depth < 2 && kind < 0.12) return this.#loop(depth)
    // Branches of a parallel that hold one step each: how several interleave is not a property of an engine.
    if (depth < 2 && kind < 0.17) return { parallel: [this.#request()], ...(this.#random() < 0.5 && { limit: 1 }) }
    if (kind < 0.22)
      return { think: this.#pick([0.001, '2ms', '{{ pause }}', 0]), ...(this.#random() < 0.3 && { jitter: '50%' }) }
    if (kind < 0.28) return { function: this.#pick(['setUp', 'asyncStep', 'emitMetrics', 'missing']) }
    return this.#request()
  }

  #loop(depth: number): StepSpec {
    const loop = this.#steps(1 + this.#below(2), depth + 1)
    const kinds: readonly Options[] = [
      { count: 2 },
      { count: '1-3' },
      { count: '{{ id }}' },
      { over: 'list' },
      { over: ['a', '{{ user }}'] },
      { over: 'empty' },
      { over: 'missing' },
      { whileTrue: 'twice' },
      { count: 2, loopValue: 'i', loopElement: 'e' },
    ]
    return { loop, ...this.#pick(kinds) }
  }

  #request(): StepSpec {
    const method = this.#pick(METHODS)
    const params: StepSpec = {}
    for (const [option, values] of Object.entries(REQUEST_OPTIONS)) {
      const value = this.#pick(values)
      if (value !== undefined) params[option] = value
    }
    if (METHODS_WITH_BODY.has(method)) Object.assign(params, this.#pick(BODIES))
    // A hook that sets another body than the script has makes two of them: got refuses that.
    if (Array.isArray(params.beforeRequest) && !('json' in params)) params.beforeRequest = 'addHeader'
    // Artillery can't send a form again where a redirect leads.
    if (params.formData !== undefined && String(params.url).startsWith('/redirect')) params.url = '/text'
    return { [method]: params }
  }

  #pick<T>(values: readonly T[]): T {
    const value = values[this.#below(values.length)]
    if (value === undefined && !values.includes(value as T)) throw new RangeError('Nothing to pick from')
    return value as T
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }
}

interface Context {
  vars: Record<string, unknown>
}

type Next = (error?: unknown) => void

/** The functions that generated scripts call. */
function createProcessor(): Record<string, unknown> {
  let calls = 0
  return {
    setUp(context: Context, _events: unknown, next: Next) {
      context.vars.ready = true
      next()
    },
    tearDown(context: Context, _events: unknown, next: Next) {
      context.vars.ready = false
      next()
    },
    async asyncStep(context: Context) {
      context.vars.pause = '1ms'
    },
    emitMetrics(_context: Context, events: { emit(...values: unknown[]): void }, next: Next) {
      events.emit('counter', 'own.counter', 2)
      events.emit('histogram', 'own.histogram', 3)
      events.emit('rate', 'own.rate')
      next()
    },
    addHeader(params: { headers?: Record<string, string> }, _context: Context, _events: unknown, next: Next) {
      params.headers = { ...params.headers, 'x-hook': '{{ user }}' }
      next()
    },
    setBody(params: StepSpec, _context: Context, _events: unknown, next: Next) {
      params.json = { hook: '{{ id }}' }
      next()
    },
    async asyncHook() {},
    look(
      _params: unknown,
      response: { statusCode: number; body: string },
      context: Context,
      _events: unknown,
      next: Next,
    ) {
      context.vars.seen = [response.statusCode, response.body.length]
      next()
    },
    failSometimes(_params: unknown, _response: unknown, _context: Context, _events: unknown, next: Next) {
      calls++
      next(calls % 2 === 0 ? { code: 'EHOOK' } : undefined)
    },
    noteError(error: { code?: string }, _params: unknown, context: Context, _events: unknown, next: Next) {
      context.vars.error = error.code
      next()
    },
    twice(context: Context, next: (goOn: boolean) => void) {
      context.vars.rounds = Number(context.vars.rounds ?? 0) + 1
      next(Number(context.vars.rounds) % 2 === 1)
    },
  }
}
