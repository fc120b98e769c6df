import { MALFORMED } from '../recording-server.ts'
import type { Case } from './compare-engines.ts'

export const RESPONSE_CASES: readonly Case[] = [
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

  {
    name: 'a cookie of the step goes along with a redirect, whatever its path',
    flow: [{ get: { url: '/redirect/302', cookie: { a: '1' } } }, { get: { url: '/text' } }],
  },
  {
    name: 'a cookie of the step does not go to another host',
    flow: [{ get: { url: '/redirect-away', cookie: { a: '1' } } }],
  },

  // Interim and malformed responses
  ...['continue', 'continue-at-once', 'continue-in-pieces', 'processing', 'hints'].map((route) => ({
    name: `an interim response nobody asked for: ${route}`,
    flow: [
      { get: { url: `/${route}`, capture: { regexp: '(.*)', as: 'text' } } },
      { get: { url: `/${route}` } },
      { post: { url: '/continue', json: { a: 1 } } },
      { get: { url: '/text' } },
    ],
  })),
  ...Object.keys(MALFORMED)
    .filter((kind) => kind !== 'chunk')
    .map((kind) => ({
      name: `a malformed response: ${kind}`,
      flow: [{ get: { url: `/malformed/${kind}` } }, { get: { url: '/text' } }],
    })),
]
