import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createServer as createTcpServer, type Server } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { requestJson, startTestEmulator, type TestEmulator } from '../../../test/testing/running-emulator.ts'
import { START_SECONDS } from '../../../test/testing/time-series.ts'
import { parseJsonPath, valueAtPath } from './json-path.ts'
import type { UptimeResult } from './uptime-runner.ts'

type Json = Record<string, unknown>
const COLLECTION = '/v3/projects/demo-project/uptimeCheckConfigs'

async function listening(context: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

function checkJson(changes: Json = {}): Json {
  return {
    displayName: 'My site!',
    monitoredResource: { type: 'uptime_url', labels: { host: '127.0.0.1' } },
    timeout: '10s',
    ...changes,
  }
}

/** Creates a check, runs it once, and returns its result. */
async function resultOf(emulator: TestEmulator, body: Json): Promise<UptimeResult & { checkId: string }> {
  const { status, json } = await requestJson(`${emulator.url}${COLLECTION}`, { body })
  assert.equal(status, 200, JSON.stringify(json))
  const { uptime } = emulator.state.alerting
  uptime.runDue()
  await uptime.settled()
  const result = uptime.resultOf(json.name)
  assert.ok(result)
  return { ...result, checkId: json.name.split('/').at(-1) }
}

describe('an HTTP check', () => {
  const answers: [what: string, http: Json, matcher: Json | undefined, passed: boolean, problem: RegExp][] = [
    ['of a page', { path: '/ok' }, undefined, true, /^$/],
    ['of a page that is missing', { path: '/none' }, undefined, false, /status is 404/],
    ['that accepts 404', { path: '/none', acceptedResponseStatusCodes: [{ statusValue: 404 }] }, undefined, true, /^$/],
    [
      'that accepts a class',
      { path: '/none', acceptedResponseStatusCodes: [{ statusClass: 'STATUS_CLASS_4XX' }] },
      undefined,
      true,
      /^$/,
    ],
    ['of a page that redirects', { path: '/moved' }, undefined, true, /^$/],
    ['of a page that redirects elsewhere', { path: '/away' }, undefined, false, /"example\.com" is not contacted/],
    ['for a text', { path: '/ok' }, { content: 'ready' }, true, /^$/],
    ['for a text that is missing', { path: '/ok' }, { content: 'broken' }, false, /content does not match/],
    ['for no text', { path: '/ok' }, { content: 'ready', matcher: 'NOT_CONTAINS_STRING' }, false, /content/],
    ['for a pattern', { path: '/ok' }, { content: '"state":"r.*y"', matcher: 'MATCHES_REGEX' }, true, /^$/],
    [
      'for JSON',
      { path: '/ok' },
      {
        content: 'ready',
        matcher: 'MATCHES_JSON_PATH',
        jsonPathMatcher: { jsonPath: '$.checks[0].state', jsonMatcher: 'EXACT_MATCH' },
      },
      true,
      /^$/,
    ],
    [
      'with a body and headers',
      {
        path: '/echo',
        requestMethod: 'POST',
        contentType: 'USER_PROVIDED',
        customContentType: 'text/x',
        body: Buffer.from('hello').toString('base64'),
        headers: { 'X-A': 'b' },
        authInfo: { username: 'me', password: 'secret' },
      },
      { content: `POST text/x b Basic ${Buffer.from('me:secret').toString('base64')} hello` },
      true,
      /^$/,
    ],
  ]
  for (const [what, http, matcher, passed, problem] of answers)
    test(what, async (context) => {
      const server = createServer(async (request, response) => {
        let body = ''
        for await (const chunk of request) body += chunk
        if (request.url === '/ok') response.end('{"checks":[{"state":"ready"}]}')
        else if (request.url === '/moved') response.writeHead(301, { location: '/ok' }).end()
        else if (request.url === '/away') response.writeHead(301, { location: 'http://example.com/' }).end()
        else if (request.url === '/echo')
          response.end(
            `${request.method} ${request.headers['content-type']} ${request.headers['x-a']} ${request.headers.authorization} ${body}`,
          )
        else response.writeHead(404).end()
      })
      const port = await listening(context, server)
      const emulator = await startTestEmulator(context)
      const check = checkJson({ httpCheck: { port, ...http }, contentMatchers: matcher ? [matcher] : [] })
      const result = await resultOf(emulator, check)
      assert.match(result.problem, problem)
      assert.equal(result.passed, passed)
    })

  test('writes its metrics for each location, and runs again after its period', async (context) => {
    let requests = 0
    const port = await listening(
      context,
      createServer((_request, response) => {
        requests++
        response.end()
      }),
    )
    const emulator = await startTestEmulator(context)
    const { checkId } = await resultOf(emulator, checkJson({ httpCheck: { port }, selectedRegions: ['USA'] }))
    assert.match(checkId, /^my-site-\d+$/)
    const filter = `metric.type = "monitoring.googleapis.com/uptime_check/check_passed" metric.labels.check_id = "${checkId}"`
    const end = new Date((START_SECONDS + 60) * 1000).toISOString()
    const query = new URLSearchParams({ filter, 'interval.endTime': end, 'interval.startTime': '2026-01-01T00:00:00Z' })
    const { json } = await requestJson(`${emulator.url}/v3/projects/demo-project/timeSeries?${query}`)
    assert.deepEqual(
      json.timeSeries.map((one: { metric: { labels: Json } }) => one.metric.labels.checker_location).sort(),
      ['usa-iowa', 'usa-oregon', 'usa-virginia'],
    )
    const [series] = json.timeSeries
    assert.deepEqual(series.resource, { type: 'uptime_url', labels: { project_id: 'demo-project', host: '127.0.0.1' } })
    assert.equal(series.points[0].value.boolValue, true)
    const { uptime } = emulator.state.alerting
    for (const [seconds, expected] of [
      [59, 1],
      [60, 2],
      [61, 2],
    ] as const) {
      emulator.setTime(seconds)
      uptime.runDue()
      await uptime.settled()
      assert.equal(requests, expected, `${seconds} s`)
    }
  })

  test('does not probe other hosts', async (context) => {
    const emulator = await startTestEmulator(context)
    const monitoredResource = { type: 'uptime_url', labels: { host: '169.254.169.254' } }
    const result = await resultOf(emulator, checkJson({ monitoredResource, httpCheck: {} }))
    assert.deepEqual([result.passed, result.status], [false, undefined])
    assert.match(result.problem, /never contacted/)
  })
})

describe('a TCP check', () => {
  for (const [what, matcher, open, passed] of [
    ['of an open port', undefined, true, true],
    ['of a closed port', undefined, false, false],
    ['for a greeting', { content: '220 ' }, true, true],
    ['for another greeting', { content: 'SSH-2.0' }, true, false],
  ] as const)
    test(what, async (context) => {
      const server = createTcpServer((socket) => {
        socket.on('error', () => {})
        socket.end('220 welcome')
      })
      const port = await listening(context, server)
      if (!open) await new Promise((resolve) => server.close(resolve))
      const emulator = await startTestEmulator(context)
      const check = checkJson({ tcpCheck: { port }, contentMatchers: matcher ? [matcher] : [] })
      assert.equal((await resultOf(emulator, check)).passed, passed)
    })
})

describe('a check is rejected', () => {
  const http = (changes: Json): Json => checkJson({ httpCheck: changes })
  const cases: [what: string, check: Json, message: RegExp, status?: number][] = [
    ['without a name', checkJson({ displayName: '', httpCheck: {} }), /config\.display_name /],
    ['without a target', { displayName: 'x', httpCheck: {}, timeout: '1s' }, /config\.resource /],
    ['without a request', checkJson(), /config\.check_request_type /],
    ['of an unknown resource', checkJson({ httpCheck: {}, monitoredResource: { type: 'toaster' } }), /resource\.type /],
    [
      'of a URL',
      checkJson({ httpCheck: {}, monitoredResource: { type: 'uptime_url', labels: { host: 'http://x' } } }),
      /"host"/,
    ],
    ['with another period', checkJson({ httpCheck: {}, period: '61s' }), /config\.period .*60s, 300s, 600s, 900s/],
    ['with a long timeout', checkJson({ httpCheck: {}, timeout: '61s' }), /config\.timeout /],
    ['with a body to GET', http({ body: 'eA==' }), /http_check\.body /],
    ['with POST of no type', http({ requestMethod: 'POST' }), /http_check\.content_type /],
    ['with a broken header', http({ headers: { a: 'b\r\nc' } }), /http_check\.headers\["a"\] /],
    ['without a port', checkJson({ tcpCheck: {} }), /tcp_check\.port /],
    ['from too few locations', checkJson({ httpCheck: {}, selectedRegions: ['EUROPE'] }), /selected_regions /],
    [
      'with a broken pattern',
      checkJson({ httpCheck: {}, contentMatchers: [{ content: '(', matcher: 'MATCHES_REGEX' }] }),
      /content_matchers\[0\]\.content /,
    ],
    ['as a synthetic monitor', { displayName: 'x', timeout: '1s', syntheticMonitor: {} }, /^Synthetic monitors/, 501],
  ]
  for (const [what, body, message, status = 400] of cases)
    test(what, async (context) => {
      const { url } = await startTestEmulator(context)
      const answer = await requestJson(`${url}${COLLECTION}`, { body })
      assert.match(answer.json.error?.message ?? JSON.stringify(answer.json), message)
      assert.equal(answer.status, status)
    })

  test('to be deleted while a policy refers to it', async (context) => {
    const { url } = await startTestEmulator(context)
    const check = await requestJson(`${url}${COLLECTION}`, { body: http({}) })
    const checkId = check.json.name.split('/').at(-1)
    const filter = `metric.type="monitoring.googleapis.com/uptime_check/check_passed" resource.type="uptime_url" metric.labels.check_id="${checkId}"`
    const conditionThreshold = {
      filter,
      aggregations: [
        { alignmentPeriod: '1200s', perSeriesAligner: 'ALIGN_NEXT_OLDER', crossSeriesReducer: 'REDUCE_COUNT_FALSE' },
      ],
      comparison: 'COMPARISON_GT',
      thresholdValue: 1,
      duration: '60s',
    }
    const body = { displayName: 'down', combiner: 'OR', conditions: [{ displayName: 'c', conditionThreshold }] }
    const policy = await requestJson(`${url}/v3/projects/demo-project/alertPolicies`, { body })
    assert.equal(policy.status, 200, JSON.stringify(policy.json))
    const remove = (name: string) => requestJson(`${url}/v3/${name}`, { method: 'DELETE' })
    assert.equal((await remove(check.json.name)).json.error.status, 'FAILED_PRECONDITION')
    await remove(policy.json.name)
    assert.equal((await remove(check.json.name)).status, 200)
  })
})

test('paths of JSON', () => {
  const json = { a: [{ 'b c': 1 }] }
  for (const [path, value] of [
    ['$', json],
    ["$.a[0]['b c']", 1],
    ['$.a[1]', undefined],
    ['$.constructor', undefined],
  ] as const)
    assert.deepEqual(valueAtPath(json, parseJsonPath(path) ?? []), value, path)
  for (const path of ['a', '$..a', '$.a[*]', '$.a[?(@.b)]']) assert.equal(parseJsonPath(path), undefined, path)
})
