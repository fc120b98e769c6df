import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { registry } from '../../protos/registry.ts'
import { httpRules, pathMatcher } from './http-rule.ts'

describe('path templates', () => {
  const cases: [template: string, path: string, expected: Record<string, string> | undefined][] = [
    ['/v3/{name=projects/*}/timeSeries', '/v3/projects/p/timeSeries', { name: 'projects/p' }],
    ['/v3/{name=projects/*}/timeSeries', '/v3/projects/p/q/timeSeries', undefined],
    ['/v3/{name=projects/*}/timeSeries', '/v3/projects/p/timeSeries/', undefined],
    [
      '/v3/{name=projects/*}/timeSeries:createService',
      '/v3/projects/p/timeSeries:createService',
      { name: 'projects/p' },
    ],
    [
      '/v3/{name=projects/*/metricDescriptors/**}',
      '/v3/projects/p/metricDescriptors/custom.googleapis.com/a/b',
      { name: 'projects/p/metricDescriptors/custom.googleapis.com/a/b' },
    ],
    ['/v3/{name=projects/*/metricDescriptors/**}', '/v3/projects/p/metricDescriptors', undefined],
    ['/v1/projects/{project_id}/traces/{trace_id}', '/v1/projects/p/traces/t', { project_id: 'p', trace_id: 't' }],
    [
      '/v1/{dashboard.name=projects/*/dashboards/*}',
      '/v1/projects/p/dashboards/d',
      { 'dashboard.name': 'projects/p/dashboards/d' },
    ],
    ['/v1/a.b', '/v1/axb', undefined],
  ]
  for (const [template, path, expected] of cases)
    test(`${template} ${path}`, () => assert.deepEqual(pathMatcher(template)(path), expected))
})

test('every method of every service has its REST form', () => {
  const services = [
    'google.monitoring.v3.MetricService',
    'google.monitoring.dashboard.v1.DashboardsService',
    'google.devtools.cloudtrace.v1.TraceService',
    'google.devtools.cloudtrace.v2.TraceService',
  ]
  const forms = services.flatMap((service) =>
    registry
      .lookupService(service)
      .methodsArray.map(
        (method) => `${method.name} ${httpRules(method).map((rule) => `${rule.method} ${rule.body ?? '-'}`)}`,
      ),
  )
  assert.deepEqual(forms.sort(), [
    'BatchWriteSpans POST *',
    'CreateDashboard POST dashboard',
    'CreateMetricDescriptor POST metric_descriptor',
    'CreateServiceTimeSeries POST *',
    'CreateSpan POST *',
    'CreateTimeSeries POST *',
    'DeleteDashboard DELETE -',
    'DeleteMetricDescriptor DELETE -',
    'GetDashboard GET -',
    'GetMetricDescriptor GET -',
    'GetMonitoredResourceDescriptor GET -',
    'GetTrace GET -',
    'ListDashboards GET -',
    'ListMetricDescriptors GET -',
    'ListMonitoredResourceDescriptors GET -',
    'ListTimeSeries GET -,GET -,GET -',
    'ListTraces GET -',
    'PatchTraces PATCH traces',
    'UpdateDashboard PATCH dashboard',
  ])
})
