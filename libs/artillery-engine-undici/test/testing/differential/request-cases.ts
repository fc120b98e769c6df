import type { Case } from './compare-engines.ts'

export const REQUEST_CASES: readonly Case[] = [
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

  // Lists and objects as values
  {
    name: 'qs with lists, objects and nothing',
    flow: [
      {
        get: { url: '/text', qs: { a: { b: 1 }, c: ['x', { d: 1 }, null, 2, true], e: null, f: '', g: [], h: [[1]] } },
      },
    ],
  },
  {
    name: 'qs with templates of lists and objects',
    flow: [{ get: { url: '/text', qs: { '{{ user }}': '{{ list }}', n: '{{ object }}' } } }],
    vars: { object: { a: 1 } },
  },
  ...['a=1&b=2', ['a', 'b'], {}].map((qs) => ({
    name: `qs: ${JSON.stringify(qs)}`,
    flow: [{ get: { url: '/text?x=1', qs } }],
  })),
  {
    name: 'form with lists, objects and nothing',
    flow: [
      {
        post: {
          url: '/text',
          form: {
            a: ['x', 'y'],
            b: { c: 1 },
            d: null,
            e: [{ z: 1 }],
            f: '{{ list }}',
            g: '{{ object }}',
            h: 1.5,
            i: '',
          },
        },
      },
    ],
    vars: { object: { a: 1 } },
  },
  ...['a=1', ['a', 'b'], {}, { '{{ user }}': 1 }].map((form) => ({
    name: `form: ${JSON.stringify(form)}`,
    flow: [{ post: { url: '/text', form } }],
  })),
  {
    name: 'functions in default headers and cookies',
    flow: [{ get: { url: '/text' } }, { get: { url: '/json', headers: { 'x-b': '{{ $randomNumber(1, 9) }}' } } }],
    config: {
      http: {
        defaults: {
          headers: { 'x-a': '{{ $randomNumber(1, 9) }}', 'x-b': '{{ $randomString(3) }}-{{ user }}' },
          cookie: { c: '{{ $randomNumber(1, 3) }}' },
        },
      },
    },
  },
  {
    name: 'auth takes precedence over an authorization header',
    flow: [{ get: { url: '/text', auth: { user: 'ann', pass: 'b' }, headers: { Authorization: 'Bearer x' } } }],
  },
]
