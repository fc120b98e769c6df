import { policyJson } from '../../../test/testing/alerting-calls.ts'
import {
  type CallCase,
  created,
  refusedBodies,
  refusedCalls,
  testCalls,
  unimplementedBodies,
} from '../../../test/testing/call-cases.ts'

type Json = Record<string, unknown>

const CREATE = 'POST projects/demo-project/uptimeCheckConfigs'
const resource = (type: string, labels: Json): Json => ({ monitoredResource: { type, labels } })
const check = (changes: Json = {}): Json => ({
  displayName: 'site',
  ...resource('uptime_url', { host: '192.168.1.1' }),
  httpCheck: {},
  timeout: '10s',
  ...changes,
})
const http = (httpCheck: Json): Json => check({ httpCheck })
const post = (httpCheck: Json): Json => http({ requestMethod: 'POST', ...httpCheck })
const tcp = (changes: Json = {}): Json => check({ httpCheck: undefined, tcpCheck: { port: 80 }, ...changes })
const matching = (matcher: Json, changes: Json = {}): Json => check({ contentMatchers: [matcher], ...changes })
const inGroup = (resourceGroup: Json): Json => tcp({ monitoredResource: undefined, resourceGroup })
const headers = (count: number): Json =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'v']))
const json = { matcher: 'MATCHES_JSON_PATH', content: '"x"' }

/** The rules for each field in `uptime.proto`, and observed responses of the real API. */
const FIELDS: readonly CallCase[] = [
  {
    what: 'defaults of an HTTP check',
    call: CREATE,
    body: http({ path: 'main' }),
    answer: {
      period: '60s',
      checkerType: 'STATIC_IP_CHECKERS',
      monitoredResource: { type: 'uptime_url', labels: { project_id: 'demo-project', host: '192.168.1.1' } },
      httpCheck: { path: '/main', port: 80, requestMethod: 'GET' },
    },
  },
  {
    what: 'defaults of an HTTPS check',
    call: CREATE,
    body: http({ useSsl: true, validateSsl: true }),
    answer: { httpCheck: { path: '/', port: 443, requestMethod: 'GET', useSsl: true, validateSsl: true } },
  },
  {
    what: 'the length of a body is a header, and headers are masked on request',
    call: CREATE,
    body: post({
      body: 'c3RyaW5nCg==',
      contentType: 'URL_ENCODED',
      authInfo: { username: 'name', password: 'secret' },
      headers: { 'header-one': 'value-one' },
      maskHeaders: true,
      port: 80,
      useSsl: true,
      validateSsl: false,
    }),
    answer: {
      httpCheck: {
        path: '/',
        port: 80,
        requestMethod: 'POST',
        useSsl: true,
        body: 'c3RyaW5nCg==',
        contentType: 'URL_ENCODED',
        authInfo: { username: 'name', password: '******' },
        headers: { 'Content-Length': '******', 'header-one': '******' },
        maskHeaders: true,
      },
    },
  },
  {
    what: 'the length of a body with unmasked headers',
    call: CREATE,
    body: post({ body: 'c3RyaW5nCg==', contentType: 'USER_PROVIDED', customContentType: 'text/plain' }),
    answer: { 'httpCheck.headers': { 'Content-Length': '7' } },
  },
  {
    what: 'a TCP check of a group',
    call: CREATE,
    body: inGroup({ groupId: '123', resourceType: 'INSTANCE' }),
    answer: { resourceGroup: { groupId: '123', resourceType: 'INSTANCE' }, tcpCheck: { port: 80 } },
  },
  ...(
    [
      ['a timeout of 60 s', check({ timeout: '60s' })],
      ['a period of 900 s', check({ period: '900s' })],
      ['the three locations of the USA', check({ selectedRegions: ['USA'] })],
      ['three regions', check({ selectedRegions: ['EUROPE', 'SOUTH_AMERICA', 'ASIA_PACIFIC'] })],
      ['100 headers', http({ headers: headers(100) })],
      ['three pings', http({ pingConfig: { pingsCount: 3 } })],
      [
        'codes and classes',
        http({ acceptedResponseStatusCodes: [{ statusValue: 304 }, { statusClass: 'STATUS_CLASS_ANY' }] }),
      ],
      ['a matcher without its kind', matching({ content: 'ok' })],
      [
        'a second matcher, which is ignored',
        check({ contentMatchers: [{ content: 'ok' }, { content: '(', matcher: 'MATCHES_REGEX' }] }),
      ],
      ['a JSON path', matching({ ...json, jsonPathMatcher: { jsonPath: '$.a[0]', jsonMatcher: 'EXACT_MATCH' } })],
      ['an App Engine module', check(resource('gae_app', { module_id: 'default' }))],
      ['a token of the service agent', http({ serviceAgentAuthentication: { type: 'OIDC_TOKEN' } })],
    ] as [string, Json][]
  ).map(([what, body]): CallCase => ({ what: `accepts ${what}`, call: CREATE, body, answer: { displayName: 'site' } })),
  ...refusedBodies(CREATE, [
    ['a name', check({ name: 'x' }), /uptime_check_config\.name /],
    ['no display name', check({ displayName: '' }), /uptime_check_config\.display_name /],
    ['no resource', check({ monitoredResource: undefined }), /uptime_check_config\.resource .*required/],
    ['a resource that is not supported', check(resource('k8s_pod', {})), /monitored_resource\.type .*"k8s_pod"/],
    ['no host', check(resource('uptime_url', {})), /labels\["host"\] /],
    ['a URL as host', check(resource('uptime_url', { host: 'https://example.com/' })), /labels\["host"\] /],
    ['a group without an ID', inGroup({ resourceType: 'INSTANCE' }), /resource_group\.group_id /],
    [
      'the full name of a group',
      inGroup({ groupId: 'projects/p/groups/1', resourceType: 'INSTANCE' }),
      /resource_group\.group_id .*Only the ID of the group/,
    ],
    ['a group without a type', inGroup({ groupId: '1' }), /resource_group\.resource_type .*RESOURCE_TYPE_UNSPECIFIED/],
    ['no HTTP or TCP check', check({ httpCheck: undefined }), /check_request_type .*http_check or tcp_check/],
    ['a period of 61 s', check({ period: '61s' }), /\.period .*60s, 300s, 600s, 900s/],
    ['no timeout', check({ timeout: undefined }), /\.timeout .*required/],
    ['a timeout of 61 s', check({ timeout: '61s' }), /\.timeout .*"61s"/],
    ['a timeout below a second', check({ timeout: '0.5s' }), /\.timeout .*"0\.5s"/],
    [
      'two locations',
      check({ selectedRegions: ['EUROPE', 'USA_IOWA'] }),
      /selected_regions .* 2 locations; at least 3/,
    ],
    ['a port above 65,535', http({ port: 65_536 }), /http_check\.port /],
    ['no TCP port', tcp({ tcpCheck: {} }), /tcp_check\.port .*"0"/],
    [
      'four pings',
      tcp({ tcpCheck: { port: 1, pingConfig: { pingsCount: 4 } } }),
      /ping_config\.pings_count .*At most 3/,
    ],
    ['101 headers', http({ headers: headers(101) }), /headers .* 101; at most 100/],
    ['an invalid header', http({ headers: { 'a b': 'c' } }), /headers\["a b"\] /],
    ['a header with a line break', http({ headers: { a: 'b\r\nc: d' } }), /headers\["a"\] /],
    ['a content type with GET', http({ contentType: 'URL_ENCODED' }), /content_type .*only be specified with POST/],
    ['a body with GET', http({ body: 'eA==' }), /body .*only be specified with POST/],
    ['a custom content type with GET', http({ customContentType: 'text/plain' }), /custom_content_type /],
    ['POST without a content type', post({}), /content_type .*required with POST/],
    [
      'two content types',
      post({ contentType: 'URL_ENCODED', headers: { 'content-type': 'a/b' } }),
      /headers\["Content-Type"\] /,
    ],
    [
      'a custom type with URL_ENCODED',
      post({ contentType: 'URL_ENCODED', customContentType: 'a/b' }),
      /custom_content_type /,
    ],
    ['USER_PROVIDED without a type', post({ contentType: 'USER_PROVIDED' }), /custom_content_type /],
    [
      'two kinds of authentication',
      http({ authInfo: { username: 'a' }, serviceAgentAuthentication: {} }),
      /auth_info .*auth_method/,
    ],
    ['a content of 1,025 bytes', matching({ content: 'x'.repeat(1025) }), /content_matchers\[0\]\.content .* 1024/],
    ['a broken expression', matching({ content: '(', matcher: 'MATCHES_REGEX' }), /content_matchers\[0\]\.content /],
    [
      'a regular expression with TCP',
      matching({ content: 'a', matcher: 'MATCHES_REGEX' }, { httpCheck: undefined, tcpCheck: { port: 1 } }),
      /matcher .*TCP checks only support/,
    ],
    [
      'an invalid JSON path',
      matching({ ...json, jsonPathMatcher: { jsonPath: 'a', jsonMatcher: 'EXACT_MATCH' } }),
      /json_path_matcher\.json_path /,
    ],
    [
      'a JSON path without its kind',
      matching({ ...json, jsonPathMatcher: { jsonPath: '$.a' } }),
      /json_path_matcher\.json_matcher /,
    ],
    ['a JSON matcher without a path', matching(json), /json_path_matcher\.json_path /],
    ['a label in capitals', check({ userLabels: { K: '' } }), /user_labels key /],
  ]),
  ...unimplementedBodies(CREATE, [
    [
      'synthetic monitors',
      check({ monitoredResource: undefined, syntheticMonitor: {} }),
      /^Synthetic monitors are not/,
    ],
    ['private networks', check({ checkerType: 'VPC_CHECKERS' }), /^Checks of private networks are not/],
    ['internal checkers', check({ isInternal: true }), /^Checks of private networks are not/],
  ]),
]

const CALLS: readonly CallCase[] = [
  {
    what: 'fields within the HTTP check, with a different name in the body',
    call: 'PATCH {check}?updateMask=displayName,httpCheck.authInfo.password,httpCheck.headers,httpCheck.path,period,selectedRegions',
    body: {
      name: 'projects/projects/demo-project/uptimeCheckConfigs/x',
      displayName: 'new',
      httpCheck: { authInfo: { password: 'other' }, headers: { a: 'b' }, path: '/other', port: 81 },
      period: '300s',
      selectedRegions: ['EUROPE', 'SOUTH_AMERICA', 'ASIA_PACIFIC'],
    },
    answer: {
      name: '{check}',
      displayName: 'new',
      period: '300s',
      'httpCheck.path': '/other',
      'httpCheck.port': 80,
      'httpCheck.headers': { a: 'b' },
      'httpCheck.authInfo': { username: 'me', password: '******' },
    },
  },
  {
    what: 'a mask without the resource',
    call: 'PATCH {check}?updateMask=timeout',
    body: tcp({ monitoredResource: undefined, timeout: '45s' }),
    answer: { timeout: '45s', 'monitoredResource.type': 'uptime_url', tcpCheck: undefined },
  },
  {
    what: 'an update without a mask',
    call: 'PATCH {check}',
    body: check({ displayName: 'new' }),
    answer: { 'httpCheck.authInfo': undefined },
  },
  ...refusedCalls([
    [
      'another resource',
      'PATCH {check}',
      check(resource('uptime_url', { host: 'a.b' })),
      /resource .*cannot be changed/,
    ],
    [
      'an unknown path',
      'PATCH {check}?updateMask=httpCheck.colour',
      {},
      /update_mask .*HttpCheck has no field "colour"/,
    ],
    ['a missing timeout', 'PATCH {check}?updateMask=timeout', {}, /\.timeout /],
  ]),
  {
    what: 'a check that is used by a policy can’t be deleted',
    call: 'DELETE {check}',
    refused: ['FAILED_PRECONDITION', /referenced by the alert policy projects\/demo-project\/alertPolicies\//],
  },
  {
    what: 'a missing check',
    call: 'GET projects/demo-project/uptimeCheckConfigs/none',
    refused: ['NOT_FOUND', /^Config not found for check none in project demo-project$/],
  },
  {
    what: 'a list',
    call: 'GET projects/demo-project/uptimeCheckConfigs?filter=displayName%3D%22site%22&pageSize=-1',
    answer: { totalSize: 1, 'uptimeCheckConfigs.0.httpCheck.authInfo.password': '******' },
  },
]

testCalls('fields of an uptime check', FIELDS)
testCalls('calls about uptime checks', CALLS, async (emulator) => {
  const name = await created(
    emulator,
    'uptimeCheckConfigs',
    http({ authInfo: { username: 'me', password: 'secret' }, headers: { old: 'x' } }),
  )
  const type = 'monitoring.googleapis.com/uptime_check/check_passed'
  const filter = `metric.type="${type}" metric.labels.check_id="${name.split('/')[3]}" resource.type="uptime_url"`
  const aggregations = [{ alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_FRACTION_TRUE' }]
  await created(emulator, 'alertPolicies', policyJson({}, { filter, aggregations }))
  return { check: name }
})
