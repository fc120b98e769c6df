import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toGmpAlertPolicy, toGmpDashboard, toOtlpAlertPolicy, toOtlpDashboard } from './gmp-translation.ts'

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

describe("a query's twin for metrics by OTLP", () => {
  const twin = (filter: string, aggregation: object = {}) =>
    toOtlpDashboard(dashboard(filter, aggregation))?.mosaicLayout.tiles[0]?.widget.xyChart?.dataSets[0]?.timeSeriesQuery
      .timeSeriesFilter

  it('names the service instead of the container, and the process instead of the pod', () => {
    const query = twin(`${metric('flask_http_request')} resource.label.container_name="flask-app-tutorial"`, {
      perSeriesAligner: 'ALIGN_RATE',
      groupByFields: ['resource.label.pod_name', 'resource.label.container_name', 'metric.label.status'],
    })
    assert.equal(
      query?.filter,
      'metric.type="prometheus.googleapis.com/flask_http_request_total/counter" resource.type="prometheus_target" resource.label.job="flask-app"',
    )
    assert.deepEqual(query?.aggregation?.groupByFields, [
      'resource.label.instance',
      'resource.label.job',
      'metric.label.status',
    ])
  })

  it('keeps containers that are called as their service', () => {
    const { filter } = twin(`${metric('x')} resource.label.container_name = "custom-metrics-example"`) ?? {}
    assert.match(filter ?? '', /resource\.label\.job = "custom-metrics-example"$/)
  })

  it('exists only where nothing of a scrape is asked for', () => {
    for (const name of ['up', 'scrape_duration_seconds', 'prometheus_sidecar_requests', 'prometheus_tsdb_x']) {
      assert.equal(twin(metric(name)), undefined, name)
      const condition = { displayName: 'c', conditionAbsent: { filter: metric(name), duration: '60s' } }
      const policy = { displayName: 'p', documentation: { content: '', mimeType: '' }, conditions: [condition] }
      assert.equal(toOtlpAlertPolicy(policy), undefined, name)
    }
    assert.notEqual(twin(metric('upload_total')), undefined)
  })
})
