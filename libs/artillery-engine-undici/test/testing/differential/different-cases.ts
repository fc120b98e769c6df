import assert from 'node:assert/strict'
import { type Case, errorsOf, type Run } from './compare-engines.ts'

/** Where this engine differs on purpose. `ours` must hold for it and must not hold for Artillery's, unless theirs would hang. */
export interface Difference extends Case {
  ours: (run: Run) => void
  /** Artillery's engine never ends, or ends the process. */
  theirsHangs?: boolean
}

export const DIFFERENCES: readonly Difference[] = [
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
  {
    name: 'an error without code or message has a name of its own',
    flow: [{ function: 'fail' }],
    processor: () => ({
      fail: (_context: unknown, _events: unknown, next: (error: unknown) => void) => next({ reason: 'full' }),
    }),
    ours: (ours) => assert.deepEqual(errorsOf(ours), ['{"reason":"full"}']),
  },
  {
    name: 'an error that is a string has a name of its own',
    flow: [{ function: 'fail' }],
    processor: () => ({
      fail: (_context: unknown, _events: unknown, next: (error: unknown) => void) => next('out of stock'),
    }),
    ours: (ours) => assert.deepEqual(errorsOf(ours), ['out of stock']),
  },
  {
    name: 'a body that is malformed has no response time',
    flow: [{ get: { url: '/malformed/chunk' } }],
    ours: (ours) => {
      assert.deepEqual(errorsOf(ours), ['HPE_INVALID_CHUNK_SIZE'])
      assert.equal(ours.histograms['http.response_time'], undefined)
    },
  },
  {
    name: 'a header value is sent in Latin-1 whatever the body is',
    flow: [{ post: { url: '/text', body: 'text', headers: { 'x-name': 'Zo\u00eb' } } }],
    ours: ({ requests }) => assert.equal(requests[0]?.headers['x-name'], 'Zo\u00eb'),
  },
  {
    name: 'an empty body is sent without a length by methods that usually have none',
    flow: [{ delete: { url: '/text', body: '' } }],
    ours: ({ requests }) => assert.equal(requests[0]?.headers['content-length'], undefined),
  },
  {
    name: 'the length of a form with a file is that of the form, not of the file',
    flow: [
      { post: { url: '/text', formData: { f: { fromFile: './artillery-core.ts' } }, setContentLengthHeader: true } },
    ],
    ours: ({ counters }) => assert.equal(counters['http.codes.200'], 1),
  },
  {
    name: 'a form is sent again where a redirect leads',
    flow: [{ post: { url: '/redirect/307', formData: { a: 'b' } } }],
    ours: ({ requests }) => assert.match(String(requests[1]?.body), /name="a"/),
    theirsHangs: true,
  },
  {
    name: 'a list in a form is sent as one value',
    flow: [{ post: { url: '/text', formData: { a: ['x', 'y'] } } }],
    ours: ({ requests }) => assert.match(String(requests[0]?.body), /x,y/),
  },
  {
    name: 'a header that is null is sent as text, one that is undefined is left out',
    flow: [{ get: { url: '/text', headers: { 'x-null': null, 'x-undefined': '{{ nothing }}' } } }],
    ours: ({ requests }) => assert.equal(requests[0]?.headers['x-null'], 'null'),
  },
  {
    name: 'a body that is a number is sent as text',
    flow: [{ post: { url: '/text', body: 5 } }],
    ours: ({ requests }) => assert.equal(requests[0]?.body, '5'),
  },
  {
    name: 'a think time that is undefined is named as written in the script',
    flow: [{ think: '{{ nothing }}' }],
    ours: (ours) => assert.deepEqual(errorsOf(ours), ['Invalid think time: {{ nothing }}']),
  },
  {
    name: 'a probability of 100 always runs',
    flow: [{ get: { url: '/text', probability: 100 } }],
    random: 0.999,
    ours: ({ requests }) => assert.equal(requests.length, 1),
  },
]
