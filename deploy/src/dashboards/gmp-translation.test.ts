import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toGmpAlertPolicy, toGmpDashboard } from './gmp-translation.ts'

const metric = (name: string) =>
  `metric.type="external.googleapis.com/prometheus/${name}" resource.type="k8s_container"`
const dashboard = (filter: string, aggregation: object, more: object = {}) => ({
  displayName: 'd',
  mosaicLayout: {
    columns: 12,
    tiles: [
      {
        width: 12,
        height: 4,
        widget: { xyChart: { dataSets: [{ timeSeriesQuery: { timeSeriesFilter: { filter, aggregation } } }] } },
      },
    ],
  },
  ...more,
})
const queryOf = (filter: string, aggregation: object) =>
  toGmpDashboard(dashboard(filter, aggregation)).mosaicLayout.tiles[0]?.widget.xyChart?.dataSets[0]?.timeSeriesQuery
    .timeSeriesFilter

describe("a query's twin for Managed Service for Prometheus", () => {
  for (const [name, aligner, type] of [
    ['flask_http_request', 'ALIGN_RATE', 'prometheus.googleapis.com/flask_http_request_total/counter'],
    ['up', 'ALIGN_MEAN', 'prometheus.googleapis.com/up/gauge'],
    [
      'flask_http_request_duration_seconds',
      'ALIGN_DELTA',
      'prometheus.googleapis.com/flask_http_request_duration_seconds/histogram',
    ],
  ] as const) {
    it(`${name} under ${aligner} is ${type}`, () => {
      const query = queryOf(metric(name), { perSeriesAligner: aligner })
      assert.equal(query?.filter, `metric.type="${type}" resource.type="prometheus_target"`)
    })
  }

  it('finds the labels of k8s_container where that service keeps them', () => {
    const query = queryOf(`${metric('up')} resource.label.container_name="a" resource.label.cluster_name="b"`, {
      groupByFields: ['resource.label.pod_name', 'metric.label.status'],
    })
    assert.match(query?.filter ?? '', /metric\.label\.container="a" resource\.label\.cluster="b"$/)
    assert.deepEqual(query?.aggregation?.groupByFields, ['metric.label.pod', 'metric.label.status'])
  })
})

it("a dashboard's filters follow", () => {
  const filters = [
    { labelKey: 'pod_name', filterType: 'RESOURCE_LABEL' },
    { labelKey: 'namespace_name', filterType: 'RESOURCE_LABEL' },
    { labelKey: 'status', filterType: 'METRIC_LABEL' },
  ]
  assert.deepEqual(toGmpDashboard(dashboard(metric('up'), {}, { dashboardFilters: filters })).dashboardFilters, [
    { labelKey: 'pod', filterType: 'METRIC_LABEL' },
    { labelKey: 'namespace', filterType: 'RESOURCE_LABEL' },
    { labelKey: 'status', filterType: 'METRIC_LABEL' },
  ])
})

it('a policy about the sidecar has no twin: it does not run there', () => {
  const policy = (name: string) => ({
    displayName: 'p',
    documentation: { content: '', mimeType: 'text/markdown' },
    conditions: [
      {
        displayName: 'c',
        conditionThreshold: { filter: metric(name), comparison: 'COMPARISON_GT', duration: '60s' },
      },
    ],
  })
  assert.equal(toGmpAlertPolicy(policy('prometheus_sidecar_samples_processed')), undefined)
  assert.notEqual(toGmpAlertPolicy(policy('up')), undefined)
})
