import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requestJson, startTestEmulator, type TestEmulator } from '../../../test/testing/running-emulator.ts'
import { SPAN, TRACE } from '../../../test/testing/spans.ts'
import { START_SECONDS } from '../../../test/testing/time-series.ts'

const nanos = (seconds: number): string => `${START_SECONDS + seconds}000000000`
const attributes = (values: Record<string, unknown>): object[] =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : value,
  }))

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many forms
async function entryOf(emulator: TestEmulator, record: object, resource: Record<string, unknown> = {}): Promise<any> {
  const body = {
    resourceLogs: [
      {
        resource: { attributes: attributes(resource) },
        scopeLogs: [{ scope: { name: 'pino', version: '1' }, logRecords: [{ timeUnixNano: nanos(0), ...record }] }],
      },
    ],
  }
  const answer = await requestJson(`${emulator.url}/v1/logs`, { body })
  assert.deepEqual(answer, { status: 200, json: {} })
  const found = await requestJson(`${emulator.url}/v2/entries:list`, {
    body: { resourceNames: ['projects/demo-project'], orderBy: 'timestamp desc' },
  })
  return found.json.entries[0]
}

describe('a log record as an entry', () => {
  const SEVERITIES: [from: number, to: number, name: string | undefined][] = [
    [0, 0, undefined],
    [1, 8, 'DEBUG'],
    [9, 10, 'INFO'],
    [11, 12, 'NOTICE'],
    [13, 16, 'WARNING'],
    [17, 20, 'ERROR'],
    [21, 22, 'CRITICAL'],
    [23, 23, 'ALERT'],
    [24, 24, 'EMERGENCY'],
  ]
  const cases: [what: string, record: object, expected: Record<string, unknown>][] = [
    ...SEVERITIES.flatMap(([from, to, severity]) =>
      [...new Set([from, to])].map((severityNumber): [string, object, Record<string, unknown>] => [
        `severity ${severityNumber}`,
        { severityNumber },
        { severity },
      ]),
    ),
    ['severity by its text', { severityText: 'warn' }, { severity: 'WARNING' }],
    ['a text', { body: { stringValue: 'hello' } }, { textPayload: 'hello', jsonPayload: undefined }],
    ['a number', { body: { intValue: '7' } }, { textPayload: '7' }],
    [
      'a map',
      {
        body: {
          kvlistValue: { values: attributes({ message: 'm', list: { arrayValue: { values: [{ intValue: 1 }] } } }) },
        },
      },
      { jsonPayload: { message: 'm', list: [1] }, textPayload: undefined },
    ],
    ['trace and span', { traceId: TRACE, spanId: SPAN, flags: 1 }, { trace: TRACE, spanId: SPAN, traceSampled: true }],
    ['an invalid trace', { traceId: '00', spanId: '' }, { trace: undefined, spanId: undefined }],
    ['a trace of zeros', { traceId: '0'.repeat(32) }, { trace: undefined }],
    [
      'attributes',
      { attributes: attributes({ 'user.id': 'u', n: { intValue: '7' } }) },
      { labels: { 'user.id': 'u', n: '7', instrumentation_source: 'pino', instrumentation_version: '1' } },
    ],
    [
      'an HTTP request',
      {
        attributes: attributes({
          'gcp.http_request': {
            kvlistValue: { values: attributes({ requestMethod: 'GET', status: { intValue: '404' } }) },
          },
        }),
      },
      { httpRequest: { requestMethod: 'GET', status: 404 } },
    ],
    [
      'the log by attribute',
      { attributes: attributes({ 'gcp.log_name': 'a/b' }), eventName: 'e' },
      { logName: 'projects/demo-project/logs/a%2Fb' },
    ],
    [
      'the log by the other attribute',
      { attributes: attributes({ log_name: 'x' }) },
      { logName: 'projects/demo-project/logs/x' },
    ],
    ['the log by the event name', { eventName: 'e' }, { logName: 'projects/demo-project/logs/e' }],
    ['the default log', {}, { logName: 'projects/demo-project/logs/otlp' }],
    [
      'the observed time',
      { timeUnixNano: 0, observedTimeUnixNano: `${nanos(-1).slice(0, -3)}123` },
      { timestamp: timeText(-1, '.000000123') },
    ],
    ['no time', { timeUnixNano: 0 }, { timestamp: timeText(0, '') }],
  ]
  for (const [what, record, expected] of cases)
    test(what, async (context) => {
      const entry = await entryOf(await startTestEmulator(context), record)
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(entry[key], value, key)
    })
})

function timeText(seconds: number, fraction: string): string {
  return new Date((START_SECONDS + seconds) * 1000).toISOString().replace('.000Z', `${fraction}Z`)
}

describe('the monitored resource of an entry', () => {
  const k8s = { 'k8s.cluster.name': 'c', 'cloud.region': 'us-east1' }
  const cases: [resource: Record<string, unknown>, type: string, labels: Record<string, string>][] = [
    [
      { 'cloud.platform': 'gcp_compute_engine', 'cloud.availability_zone': 'us-east1-b', 'host.id': '17' },
      'gce_instance',
      { zone: 'us-east1-b', instance_id: '17' },
    ],
    [
      { 'cloud.platform': 'gcp_cloud_run', 'cloud.region': 'us-east1', 'faas.name': 'f', 'faas.version': '3' },
      'cloud_run_revision',
      { location: 'us-east1', service_name: 'f', revision_name: '3', configuration_name: 'f' },
    ],
    [
      { ...k8s, 'k8s.namespace.name': 'n', 'k8s.pod.name': 'p', 'k8s.container.name': 'shop' },
      'k8s_container',
      { location: 'us-east1', cluster_name: 'c', namespace_name: 'n', pod_name: 'p', container_name: 'shop' },
    ],
    [
      { ...k8s, 'k8s.pod.name': 'p' },
      'k8s_pod',
      { location: 'us-east1', cluster_name: 'c', namespace_name: '', pod_name: 'p' },
    ],
    [{ ...k8s, 'k8s.node.name': 'p' }, 'k8s_node', { location: 'us-east1', cluster_name: 'c', node_name: 'p' }],
    [k8s, 'k8s_cluster', { location: 'us-east1', cluster_name: 'c' }],
    [
      { 'service.name': 'shop', 'service.namespace': 'n', 'service.instance.id': 'i' },
      'generic_task',
      { location: 'global', namespace: 'n', job: 'shop', task_id: 'i' },
    ],
    [{ 'host.name': 'h' }, 'generic_node', { location: 'global', namespace: '', node_id: 'h' }],
  ]
  for (const [resource, type, labels] of cases)
    test(type, async (context) => {
      const entry = await entryOf(await startTestEmulator(context), {}, resource)
      assert.deepEqual(entry.resource, { type, labels: { project_id: 'demo-project', ...labels } })
    })
})

test("a service's name is the log and a label", async (context) => {
  const entry = await entryOf(await startTestEmulator(context), {}, { 'service.name': 'shop' })
  assert.equal(entry.logName, 'projects/demo-project/logs/shop')
  assert.equal(entry.labels['service.name'], 'shop')
})

test('a flood of one signal evicts nothing of the others', async (context) => {
  const emulator = await startTestEmulator(context, { maxLogBytes: 200_000, maxSpanBytes: 200_000, maxPointBytes: 1e6 })
  const span = { traceId: TRACE, spanId: SPAN, name: 'n', startTimeUnixNano: nanos(0), endTimeUnixNano: nanos(0) }
  const metric = { name: 'g', gauge: { dataPoints: [{ timeUnixNano: nanos(0), asDouble: 1 }] } }
  await requestJson(`${emulator.url}/v1/traces`, { body: { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] } })
  await requestJson(`${emulator.url}/v1/metrics`, {
    body: { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] },
  })
  const logRecords = Array.from({ length: 5000 }, () => ({
    timeUnixNano: nanos(0),
    body: { stringValue: 'x'.repeat(100) },
  }))
  await requestJson(`${emulator.url}/v1/logs`, { body: { resourceLogs: [{ scopeLogs: [{ logRecords }] }] } })
  const { spans, points, logEntries, evicted } = (await requestJson(`${emulator.url}/api/summary`)).json
  assert.deepEqual([spans, points, evicted.spans, evicted.points], [1, 1, 0, 0])
  assert.equal(logEntries + evicted.entries, 5000)
  assert.ok(logEntries > 0 && evicted.entries > 0)
  assert.ok(emulator.state.logs.byteLength <= 200_000)
  const metrics = await (await fetch(`${emulator.url}/metrics`)).text()
  assert.match(metrics, new RegExp(`cloud_emulator_log_entries_evicted_total ${evicted.entries}`))
})
