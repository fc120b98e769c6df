import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Client, credentials, type ServiceError } from '@grpc/grpc-js'
import { alertingCalls } from '../../../test/testing/alerting-calls.ts'
import { requestJson, startTestEmulator, type TestEmulator } from '../../../test/testing/running-emulator.ts'
import { seriesJson, TEST_TYPE, timestamp } from '../../../test/testing/time-series.ts'
import { statusName } from '../../api/status.ts'
import { dashboardCodec } from '../../dashboards/dashboard.ts'
import { DashboardStore } from '../../dashboards/dashboard-store.ts'
import type { Method } from '../../grpc/dispatcher.ts'
import { fromJson, messageFromJson, toJson } from '../../protos/proto-json.ts'
import { registry } from '../../protos/registry.ts'
import { httpRules } from './http-rule.ts'

type Json = Record<string, unknown>

/** A response in a common format of both transports: JSON, or status and message. */
type Answer =
  | { readonly json: unknown }
  | { readonly status: string; readonly message: string; readonly details: unknown }

const RPC_STATUS = registry.lookupType('google.rpc.Status')

/** Calls a method over gRPC with nothing but the definitions. */
function callGrpc(client: Client, method: Method, request: Json): Promise<Answer> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      `/${method.service}/${method.name}`,
      (message: object) => Buffer.from(method.requestType.encode(message).finish()),
      (bytes: Buffer) => method.responseType.decode(bytes),
      fromJson(method.requestType, request, ''),
      (error: ServiceError | null, response?: object) =>
        resolve(error ? grpcFailure(error) : { json: toJson(method.responseType, response ?? {}) }),
    )
  })
}

function grpcFailure(error: ServiceError): Answer {
  const [bytes] = error.metadata.get('grpc-status-details-bin')
  const details = bytes instanceof Buffer ? (toJson(RPC_STATUS, RPC_STATUS.decode(bytes)) as Json).details : undefined
  return { status: statusName(error.code), message: error.details, details }
}

/** Calls a method by its HTTP rule, with path, body and parameters filled in from the request. */
async function callRest(url: string, method: Method, request: Json): Promise<Answer> {
  const options = method.definition.parsedOptions as Record<string, Record<string, string>>[]
  const rule = options.map((option) => option['(google.api.http)']).find((one) => one !== undefined) ?? {}
  const [verb = '', template = ''] =
    Object.entries(rule).find(([name]) => name !== 'body' && name !== 'additional_bindings') ?? []
  const rest: Json = { ...request }
  const path = template.replace(/\{([^}=]+)(?:=[^}]+)?\}/g, (_, field: string) => {
    const [head = '', inner] = field
      .split('.')
      .map((part) => part.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()))
    const value = rest[head]
    if (inner === undefined) delete rest[head]
    return String(inner === undefined ? value : (value as Json)[inner]).replace(/[^\w./:%-]/g, encodeURIComponent)
  })
  const body =
    rule.body === '*'
      ? rest
      : rule.body === undefined
        ? undefined
        : rest[rule.body.replace(/_(\w)/g, (_, l) => l.toUpperCase())]
  const parameters = rule.body === '*' ? [] : flattened(Object.entries(rest).filter(([, value]) => value !== body))
  const query = parameters.length === 0 ? '' : `?${new URLSearchParams(parameters)}`
  const answer = await requestJson(`${url}${path}${query}`, { method: verb.toUpperCase(), body })
  if (answer.status === 200) return { json: answer.json }
  const { status, message, details } = answer.json.error
  return { status, message, details }
}

function flattened(entries: readonly [string, unknown][]): [string, string][] {
  return entries.flatMap(([name, value]): [string, string][] => {
    if (Array.isArray(value)) return value.map((item) => [name, String(item)])
    if (typeof value !== 'object' || value === null) return [[name, String(value)]]
    return flattened(Object.entries(value).map(([key, inner]) => [`${name}.${key}`, inner]))
  })
}

const NAME = 'projects/demo-project'
const LOG = `${NAME}/logs/a%2Fb`
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const dashboard = {
  displayName: 'd',
  mosaicLayout: { columns: 12, tiles: [{ width: 1, height: 1, widget: { text: { content: 'x' } } }] },
}
/** It is derived from the content. */
const ETAG = new DashboardStore(() => {}).create(
  'demo-project',
  messageFromJson(dashboardCodec, { ...dashboard, name: `${NAME}/dashboards/d` }, 'dashboard'),
  { validateOnly: false },
).etag
const span = (spanId: string) => ({
  name: `${NAME}/traces/${TRACE}/spans/${spanId}`,
  spanId,
  displayName: { value: 'GET /' },
  startTime: timestamp(-1),
  endTime: timestamp(0),
})
const traceV1 = (changes: Json) => ({
  traceId: TRACE,
  spans: [{ name: 'v1', startTime: timestamp(-1), endTime: timestamp(0), ...changes }],
})
const READ_QUERY = {
  name: NAME,
  filter: `metric.type = "${TEST_TYPE}"`,
  interval: { startTime: timestamp(-60), endTime: timestamp(0) },
}
const aggregation = (perSeriesAligner: string, crossSeriesReducer: string) => ({
  alignmentPeriod: '60s',
  perSeriesAligner,
  crossSeriesReducer,
  groupByFields: ['metric.labels.a'],
})

/** The calls in order, each with what both responses must contain in their JSON, or with its status. */
const calls: readonly [method: string, request: Json, expected: RegExp | string][] = [
  ['CreateTimeSeries', { name: NAME, timeSeries: [seriesJson({ labels: { a: '1' } })] }, /^\{\}$/],
  [
    'CreateTimeSeries',
    { name: NAME, timeSeries: [seriesJson({ labels: { a: '1' } }), seriesJson()] },
    'INVALID_ARGUMENT',
  ],
  ['CreateTimeSeries', { name: NAME }, 'INVALID_ARGUMENT'],
  ['CreateServiceTimeSeries', { name: NAME, timeSeries: [seriesJson({ type: 'compute.googleapis.com/x' })] }, /^\{\}$/],
  ['ListTimeSeries', READ_QUERY, /"points"/],
  ['ListTimeSeries', { ...READ_QUERY, view: 'HEADERS', pageSize: 1 }, /"nextPageToken"/],
  [
    'ListTimeSeries',
    {
      ...READ_QUERY,
      aggregation: aggregation('ALIGN_MEAN', 'REDUCE_SUM'),
      secondaryAggregation: aggregation('ALIGN_MAX', 'REDUCE_COUNT'),
    },
    /"int64Value":"1"/,
  ],
  ['ListTimeSeries', { ...READ_QUERY, filter: 'metric.type = ' }, 'INVALID_ARGUMENT'],
  ['ListTimeSeries', { ...READ_QUERY, filter: 'metric.type = "custom.googleapis.com/none"' }, 'NOT_FOUND'],
  [
    'CreateMetricDescriptor',
    { name: NAME, metricDescriptor: { type: 'custom.googleapis.com/a/b', metricKind: 'GAUGE', valueType: 'INT64' } },
    /"valueType":"INT64"/,
  ],
  ['CreateMetricDescriptor', { name: NAME, metricDescriptor: { type: 'x' } }, 'INVALID_ARGUMENT'],
  [
    'ListMetricDescriptors',
    { name: NAME, filter: 'metric.type = starts_with("custom")' },
    /custom\.googleapis\.com\/a\/b/,
  ],
  ['ListMetricDescriptors', { name: NAME, pageSize: -1 }, 'INVALID_ARGUMENT'],
  ['GetMetricDescriptor', { name: `${NAME}/metricDescriptors/custom.googleapis.com/a/b` }, /"type":"custom/],
  ['DeleteMetricDescriptor', { name: `${NAME}/metricDescriptors/custom.googleapis.com/a/b` }, /^\{\}$/],
  ['DeleteMetricDescriptor', { name: `${NAME}/metricDescriptors/custom.googleapis.com/a/b` }, 'NOT_FOUND'],
  ['GetMetricDescriptor', { name: `${NAME}/metricDescriptors/custom.googleapis.com/a/b` }, 'NOT_FOUND'],
  [
    'ListMonitoredResourceDescriptors',
    { name: NAME, filter: 'resource.type = starts_with("k8s")', pageSize: 2 },
    /k8s_container/,
  ],
  ['ListMonitoredResourceDescriptors', { name: NAME, filter: '(' }, 'INVALID_ARGUMENT'],
  ['GetMonitoredResourceDescriptor', { name: `${NAME}/monitoredResourceDescriptors/global` }, /"type":"global"/],
  ['GetMonitoredResourceDescriptor', { name: `${NAME}/monitoredResourceDescriptors/toaster` }, 'NOT_FOUND'],
  ['CreateDashboard', { parent: NAME, dashboard: { ...dashboard, name: `${NAME}/dashboards/d` } }, /"etag"/],
  [
    'CreateDashboard',
    { parent: NAME, dashboard: { ...dashboard, name: `${NAME}/dashboards/e` }, validateOnly: true },
    /"etag"/,
  ],
  ['CreateDashboard', { parent: NAME, dashboard: { ...dashboard, name: `${NAME}/dashboards/d` } }, 'ALREADY_EXISTS'],
  ['GetDashboard', { name: `${NAME}/dashboards/d` }, /"displayName":"d"/],
  ['GetDashboard', { name: `${NAME}/dashboards/e` }, 'NOT_FOUND'],
  [
    'UpdateDashboard',
    { dashboard: { ...dashboard, name: `${NAME}/dashboards/d`, displayName: 'new', etag: ETAG } },
    /"displayName":"new"/,
  ],
  ['UpdateDashboard', { dashboard: { ...dashboard, name: `${NAME}/dashboards/d` } }, 'INVALID_ARGUMENT'],
  ['UpdateDashboard', { dashboard: { ...dashboard, name: `${NAME}/dashboards/d`, etag: 'old' } }, 'ABORTED'],
  ['ListDashboards', { parent: NAME, pageSize: 5 }, /"displayName":"new"/],
  ['DeleteDashboard', { name: `${NAME}/dashboards/d` }, /^\{\}$/],
  ['DeleteDashboard', { name: `${NAME}/dashboards/d` }, 'NOT_FOUND'],
  ['BatchWriteSpans', { name: NAME, spans: [span('00f067aa0ba902b7')] }, /^\{\}$/],
  ['BatchWriteSpans', { name: NAME, spans: [{ ...span('00f067aa0ba902b7'), displayName: {} }] }, 'INVALID_ARGUMENT'],
  ['CreateSpan', span('00f067aa0ba902b8'), /"displayName":\{"value":"GET \/"\}/],
  ['CreateSpan', { ...span('00f067aa0ba902b9'), spanId: '1' }, 'INVALID_ARGUMENT'],
  ['ListTraces', { projectId: 'demo-project', view: 'COMPLETE', filter: 'root:GET' }, /"spanId":"67667974448284344"/],
  ['ListTraces', { projectId: 'demo-project', orderBy: 'colour' }, 'INVALID_ARGUMENT'],
  ['GetTrace', { projectId: 'demo-project', traceId: TRACE }, /"name":"GET \/"/],
  ['GetTrace', { projectId: 'demo-project', traceId: 'f'.repeat(32) }, 'NOT_FOUND'],
  [
    'WriteLogEntries',
    { logName: LOG, resource: { type: 'global' }, entries: [{ textPayload: 'a', insertId: '1', severity: 'ERROR' }] },
    /^\{\}$/,
  ],
  ['WriteLogEntries', { entries: [{ textPayload: 'a' }] }, 'INVALID_ARGUMENT'],
  [
    'WriteLogEntries',
    {
      logName: LOG,
      resource: { type: 'global' },
      entries: [{ jsonPayload: { a: [1, { b: null }] }, insertId: '2' }, { logName: 'x' }],
      partialSuccess: true,
    },
    'INVALID_ARGUMENT',
  ],
  ['ListLogEntries', { resourceNames: [NAME], filter: 'severity>=WARNING' }, /"textPayload":"a".*"severity":"ERROR"/],
  ['ListLogEntries', { projectIds: ['demo-project'], pageSize: 1, orderBy: 'timestamp desc' }, /"nextPageToken"/],
  ['ListLogEntries', { resourceNames: [NAME], filter: 'severity=' }, 'INVALID_ARGUMENT'],
  ['ListLogs', { parent: NAME }, /"logNames":\["projects\/demo-project\/logs\/a%2Fb"\]/],
  ['ListLogs', { parent: 'folders/1' }, 'INVALID_ARGUMENT'],
  ['DeleteLog', { logName: LOG }, /^\{\}$/],
  ['DeleteLog', { logName: LOG }, 'NOT_FOUND'],
  ['PatchTraces', { projectId: 'demo-project', traces: { traces: [traceV1({ spanId: '7' })] } }, /^\{\}$/],
  ['PatchTraces', { projectId: 'demo-project', traces: { traces: [traceV1({ spanId: '0' })] } }, 'INVALID_ARGUMENT'],
  ...alertingCalls,
]

describe('every method has the same response over gRPC and REST', () => {
  const methodOf = (emulator: TestEmulator, name: string): Method => {
    const method = emulator.state.dispatcher.methods.find((one) => one.name === name)
    assert.ok(method, name)
    return method
  }

  test('in successful and rejected calls', async (context) => {
    const overGrpc = await startTestEmulator(context)
    const byRest = await startTestEmulator(context)
    const client = new Client(`127.0.0.1:${overGrpc.grpcPort}`, credentials.createInsecure())
    context.after(() => client.close())
    for (const [name, request, expected] of calls) {
      const what = `${name} ${JSON.stringify(request)}`
      const answer = await callGrpc(client, methodOf(overGrpc, name), request)
      assert.deepEqual(await callRest(byRest.url, methodOf(byRest, name), request), answer, what)
      if (typeof expected === 'string') assert.equal('status' in answer ? answer.status : 'OK', expected, what)
      else assert.match('json' in answer ? JSON.stringify(answer.json) : answer.message, expected, what)
    }
  })

  test('every method has a successful and a rejected call', async (context) => {
    const { state } = await startTestEmulator(context)
    const withRest = state.dispatcher.methods.filter(
      ({ definition }) => httpRules(definition).length > 0 && !definition.responseStream,
    )
    for (const { name } of withRest) {
      const own = calls.filter(([method]) => method === name)
      if (name !== 'GetAlert')
        assert.ok(
          own.some(([, , expected]) => expected instanceof RegExp),
          `${name} succeeds`,
        )
      if (name !== 'ListDashboards' && name !== 'CreateServiceTimeSeries')
        assert.ok(
          own.some(([, , expected]) => typeof expected === 'string'),
          `${name} refuses`,
        )
    }
  })
})
