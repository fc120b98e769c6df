import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LogEntry } from '../model/log-entry.ts'
import { readTime } from '../model/log-time.ts'
import { compileQuery } from './compile-query.ts'

const ENTRY: LogEntry = {
  logName: 'projects/p/logs/run.googleapis.com%2Fstdout',
  resource: { type: 'k8s_container', labels: { project_id: 'p', container_name: 'shop' } },
  time: readTime('2026-01-02T03:04:05.123456789Z') ?? { micros: 0, restNanos: 0 },
  receiveMicros: Date.parse('2026-01-02T03:04:06Z') * 1000,
  severity: 500,
  insertId: 'a1',
  labels: { 'k8s-pod/app': 'shop', 'a.b': 'x' },
  trace: 'projects/p/traces/0123456789abcdef0123456789abcdef',
  spanId: '0123456789abcdef',
  traceSampled: true,
  jsonPayload: {
    message: 'Order Not Found: 17',
    user: { id: 42, name: 'Zoë', ip: '10.1.2.3' },
    ok: false,
    nothing: null,
    tags: ['red', 'green'],
    items: [
      { sku: 'a', n: 1 },
      { sku: 'b', n: 2 },
    ],
    'first name': 'A',
    elapsed: '1.5s',
    count: '12',
  },
  httpRequest: { requestMethod: 'GET', status: 404, latency: '0.250s', requestSize: '1200' },
  operation: { id: 'op', first: true },
  sourceLocation: { file: 'a.ts', line: '7' },
}

const matches = (query: string, entry: LogEntry = ENTRY): boolean => compileQuery(query).matches?.(entry) ?? true

describe('queries that match', () => {
  const cases = [
    '',
    '  -- a comment alone',
    'severity=ERROR',
    'severity = "error"',
    'severity>=WARNING',
    'severity > 400',
    'severity != INFO',
    'severity = (INFO OR ERROR)',
    'severity >= INFO AND severity <= CRITICAL',
    'resource.type="k8s_container"',
    'resource.type = K8S_Container',
    'resource.labels.container_name=shop',
    'resource.labels:container_name',
    'resource:shop',
    'labels."k8s-pod/app"=shop',
    "labels.'k8s-pod/app'=shop",
    'labels.a.b=x',
    'labels:"k8s-pod/app"',
    'labels:*',
    'logName="projects/p/logs/run.googleapis.com%2Fstdout"',
    'log_name:stdout',
    'log_id("run.googleapis.com/stdout")',
    'log_id("run.googleapis.com%2Fstdout")',
    'insertId=a1',
    'insert_id="A1"',
    'trace="projects/p/traces/0123456789abcdef0123456789abcdef"',
    'trace:0123456789abcdef',
    'span_id=0123456789abcdef',
    'traceSampled=true',
    'timestamp>="2026-01-02T03:04:05Z"',
    'timestamp>=2026-01-02T03:04:05Z',
    'timestamp="2026-01-02T03:04:05.123456789Z"',
    'timestamp>"2026-01-02T03:04:05.123456788Z" timestamp<"2026-01-02T03:04:05.123456790Z"',
    'timestamp>="2026-01-02"',
    'timestamp<"2026-01-02T05:04:06+02:00"',
    'timestamp>="2026-01-02T03:04:05.123456+0000"',
    'timestamp<"2026-01-02T05:04:06+0200" timestamp>"2026-01-02T05:04:05+02"',
    'receiveTimestamp>"2026-01-02T03:04:05Z"',
    'jsonPayload.message:"not found"',
    'json_payload.message="ORDER not found: 17"',
    'jsonPayload.message=~"Not Found: [0-9]+"',
    'jsonPayload.message=~"^Order"',
    'jsonPayload.message!~"^order"',
    'jsonPayload.user.id=42',
    'jsonPayload.user.id="42"',
    'jsonPayload.user.id>41 jsonPayload.user.id<=42',
    'jsonPayload.user.id>-5',
    'jsonPayload.user.name="zOË"',
    'jsonPayload.user:Zoë',
    'jsonPayload.user:id',
    'jsonPayload.user:*',
    'jsonPayload.ok=false',
    'jsonPayload.ok=FALSE',
    'jsonPayload.nothing=NULL_VALUE',
    'jsonPayload.tags=green',
    'jsonPayload.tags:gree',
    'jsonPayload.items.sku=b',
    'jsonPayload.items.n>=2',
    'jsonPayload."first name"=A',
    'jsonPayload.elapsed>"1s" jsonPayload.elapsed<1600ms',
    'jsonPayload.count>9',
    'jsonPayload.message=("x" OR "Order Not Found: 17")',
    'jsonPayload.message:("order" AND "found")',
    'jsonPayload.message:("order" AND NOT "lost")',
    'jsonPayload.message:(order -lost)',
    'NOT jsonPayload.absent=1',
    'NOT jsonPayload.absent:*',
    'httpRequest.status=404',
    'http_request.status>=400 http_request.request_method=GET',
    'httpRequest.latency>"0.2s"',
    'httpRequest.latency<=250ms',
    'httpRequest.requestSize>1000',
    'operation.first=true',
    'source_location.file="a.ts"',
    'textPayload=""',
    '"not found"',
    'Zoë',
    '"10.1.2.3"',
    'shop AND "Order"',
    'ERROR',
    '-lost',
    'NOT lost NOT gone',
    'NOT NOT found',
    'severity=ERROR resource.type=k8s_container',
    'severity=ERROR\n-- only these\nresource.type=k8s_container',
    // OR binds more tightly than AND.
    'severity=INFO OR severity=ERROR AND resource.type=k8s_container OR resource.type=x',
    '(severity=INFO AND resource.type=x) OR severity=ERROR',
    'NOT (severity=INFO OR severity=DEBUG)',
    'sample(insertId, 1)',
    'ip_in_net(jsonPayload.user.ip, "10.0.0.0/8")',
    'SEARCH("order 17")',
    'SEARCH(jsonPayload.message, "FOUND order")',
    'search(jsonPayload, "zoë")',
  ]
  for (const query of cases) test(JSON.stringify(query), () => assert.equal(matches(query), true))
})

describe('queries that do not match', () => {
  const cases = [
    'severity<ERROR',
    'severity=ERROR AND resource.type=x',
    'severity=INFO OR severity=DEBUG resource.type=k8s_container',
    'severity=INFO severity=ERROR OR resource.type=x',
    'jsonPayload.absent=1',
    'jsonPayload.absent!=1',
    'jsonPayload.absent:*',
    'jsonPayload.absent=NULL_VALUE',
    'jsonPayload.message=order',
    'jsonPayload.message=~"^not"',
    'jsonPayload.user.id=abc',
    'jsonPayload.user.id:4',
    'jsonPayload.user=Zoë',
    'jsonPayload.ok=true',
    'jsonPayload.nothing="NULL_VALUE"',
    'jsonPayload.message.length=3',
    'jsonPayload.items.sku=c',
    'jsonPayload.constructor:*',
    'labels.constructor:*',
    'labels.x=y',
    'timestamp<"2026-01-02T03:04:05Z"',
    'insertId!=a1',
    'insertId=~"^b"',
    'log_id("stdout")',
    'lost',
    '-"not found"',
    'sample(insertId, 0)',
    'ip_in_net(jsonPayload.user.ip, "10.1.2.4")',
    'ip_in_net(jsonPayload.message, "10.0.0.0/8")',
    'SEARCH("rder")',
    'SEARCH(textPayload, "order")',
  ]
  for (const query of cases) test(JSON.stringify(query), () => assert.equal(matches(query), false))
})

describe('queries that can’t be read say where', () => {
  const cases: [query: string, message: RegExp][] = [
    ['severity=', /^Unparseable filter: syntax error at line 1, column 10, the end: a value is expected here$/],
    ['severity=ERROR )', /line 1, column 16, token '\)': AND, OR or another comparison may follow/],
    ['a AND\n  OR b', /line 2, column 3, token 'OR': a comparison or a value is expected/],
    ['(severity=ERROR', /line 1, column 16, the end: a "\)" is missing/],
    ['textPayload:"open', /line 1, column 13, token '"': the quote is never closed/],
    ['AND', /line 1, column 1, token 'AND'/],
    ['NOT', /line 1, column 4, the end/],
    ['= x', /line 1, column 1, token '='/],
    ['severity=LOUD', /line 1, column 10, token 'LOUD': a severity is DEFAULT, /],
    ['timestamp>yesterday', /column 11, token 'yesterday': a time has the form/],
    ['status=404', /column 1, token 'status': entries have no field status; payloads are at jsonPayload\.NAME/],
    ['textPayload.x=1', /token 'textPayload\.x': the field textPayload of an entry has no parts/],
    ['jsonPayload.x=~"("', /column 16, token '\(': this is not a regular expression of RE2/],
    [`jsonPayload.x=~"${'(a{1,100}){1,9}'.repeat(20)}"`, /steps; at most 4000 are allowed/],
    ['sample(insertId)', /token 'sample': sample takes a field and a fraction/],
    ['ip_in_net(jsonPayload.ip, "x")', /ip_in_net takes a field and a network/],
    ['cast(jsonPayload.x, INT64)', /column 1, token 'cast': the function cast is not one of log_id, sample/],
    ['log_id("a" "b")', /"," or "\)" is expected here/],
    ['log_id(', /an argument is expected here/],
    ['a ~ b', /token '~': unexpected character/],
    [`${'('.repeat(101)}a${')'.repeat(101)}`, /column 101, token '\(': parentheses may be at most 100 deep/],
    ['x'.repeat(20_001), /a query may have at most 20000 characters/],
  ]
  for (const [query, message] of cases)
    test(JSON.stringify(query.slice(0, 40)), () =>
      assert.throws(
        () => compileQuery(query),
        (error) => error instanceof Error && message.test(error.message),
      ),
    )
})

test('long queries are read in linear time', () => {
  for (const part of ['a ', 'NOT ', '-a ', '(a) ', 'a OR ', 'a=(b) ', 'jsonPayload.a.b."c".d=1 '])
    try {
      compileQuery(part.repeat(Math.floor(20_000 / part.length)))
    } catch (error) {
      assert.match(String(error), /Unparseable filter/)
    }
})

describe('what a store needs to look at', () => {
  const micros = Date.parse('2026-01-02T00:00:00Z') * 1000
  const cases: [query: string, bounds: object][] = [
    ['timestamp>="2026-01-02" severity>=ERROR', { fromMicros: micros, minSeverity: 500 }],
    ['timestamp<"2026-01-02"', { untilMicros: micros }],
    ['trace="projects/p/traces/ABC"', { traceId: 'abc' }],
    ['trace:0123456789abcdef0123456789abcdef', { traceId: '0123456789abcdef0123456789abcdef' }],
    ['trace:abc', {}],
    ['logName="projects/p/logs/x" AND foo', { logName: 'projects/p/logs/x' }],
    ['severity>=ERROR OR foo', {}],
    ['NOT severity>=ERROR', {}],
  ]
  for (const [query, expected] of cases)
    test(query, () => {
      const { bounds } = compileQuery(query)
      const none = compileQuery('').bounds
      assert.deepEqual(bounds, { ...none, ...expected })
    })
})
