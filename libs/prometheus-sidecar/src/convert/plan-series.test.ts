import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PLAIN_RULES } from '../../test/testing/plain-rules.ts'
import { decodeLabels, type Labels } from '../model/labels/labels.ts'
import type { MetricType } from '../model/metadata.ts'
import type { Target } from '../model/target.ts'
import type { ConversionRules } from './conversion-rules.ts'
import { isDrop, planSeries } from './plan-series.ts'
import { parseSelector } from './selector.ts'

const RULES: ConversionRules = {
  metricsPrefix: 'external.googleapis.com/prometheus',
  resourceDefaults: {
    projectId: 'p',
    kubernetesLocation: 'l',
    kubernetesClusterName: 'c',
    genericLocation: 'gl',
    genericNamespace: 'gn',
  },
  ...PLAIN_RULES,
}

const TARGET: Target = {
  labels: new Map([
    ['job', 'j'],
    ['instance', 'h:1'],
    ['app', 'web'],
  ]),
  discoveredLabels: new Map([['__address__', 'h:1']]),
}

function labelsOf(name: string, extra: Record<string, string> = {}): Labels {
  return new Map([['__name__', name], ...TARGET.labels, ...Object.entries(extra)])
}

interface Options {
  readonly types?: Record<string, MetricType>
  readonly rules?: Partial<ConversionRules>
  readonly target?: Target | undefined
}

function plan(labels: Labels, options: Options = {}) {
  const { types = {} } = options
  const target = 'target' in options ? options.target : TARGET
  return planSeries(labels, target, (family) => types[family], { ...RULES, ...options.rules })
}

/** As one line: role, type without prefix, kind, value type, metric labels. */
function summary(labels: Labels, options: Options = {}): string {
  const planned = plan(labels, options)
  if (isDrop(planned)) return planned.drop
  if (planned.role === 'created')
    return `created of ${planned.createdOf.map((key) => decodeLabels(key).get('__name__')).join(' ')}`
  const { metricType, metricKind, valueType, metricLabels } = planned.identity
  const name = metricType.replace(`${RULES.metricsPrefix}/`, '')
  const rest = [...metricLabels].map(([key, value]) => `${key}=${value}`).join(',')
  const bound = planned.role === 'bucket' ? ` le ${planned.bound}` : ''
  return `${planned.role} ${name} ${metricKind} ${valueType}${bound}${rest === '' ? '' : ` {${rest}}`}`
}

describe('names and types', () => {
  const types: Record<string, MetricType> = {
    text_total: 'counter',
    om: 'counter',
    temp: 'gauge',
    mystery: 'unknown',
    rpc: 'summary',
    h: 'histogram',
    gh: 'gaugehistogram',
    i: 'info',
    s: 'stateset',
  }
  const cases: readonly [name: string, extra: Record<string, string>, expected: string][] = [
    ['text_total', {}, 'cumulative text_total CUMULATIVE DOUBLE'],
    ['om_total', {}, 'cumulative om CUMULATIVE DOUBLE'],
    ['om_created', {}, 'created of om_total om'],
    ['temp', { room: 'a' }, 'gauge temp GAUGE DOUBLE {room=a}'],
    ['mystery', {}, 'gauge mystery GAUGE DOUBLE'],
    ['rpc', { quantile: '0.5' }, 'gauge rpc GAUGE DOUBLE {quantile=0.5}'],
    ['rpc', { quantile: '1.0' }, 'gauge rpc GAUGE DOUBLE {quantile=1}'],
    ['rpc_sum', {}, 'cumulative rpc_sum CUMULATIVE DOUBLE'],
    ['rpc_count', {}, 'cumulative rpc_count CUMULATIVE INT64'],
    ['rpc_created', {}, 'created of rpc_sum rpc_count'],
    ['rpc', {}, 'unexpected_metric_type'],
    ['h_bucket', { le: '0.5' }, 'bucket h CUMULATIVE DISTRIBUTION le 0.5'],
    ['h_bucket', { le: '+Inf', path: '/' }, 'bucket h CUMULATIVE DISTRIBUTION le Infinity {path=/}'],
    ['h_bucket', { le: 'x' }, 'labels_invalid'],
    ['h_bucket', {}, 'labels_invalid'],
    ['h_sum', {}, 'sum h CUMULATIVE DISTRIBUTION'],
    ['h_count', {}, 'count h CUMULATIVE DISTRIBUTION'],
    ['h_created', {}, 'created of h_count'],
    ['h', {}, 'unexpected_metric_type'],
    ['h_total', {}, 'metadata_not_found'],
    ['gh_bucket', { le: '1' }, 'unexpected_metric_type'],
    ['i_info', {}, 'unexpected_metric_type'],
    ['s', {}, 'unexpected_metric_type'],
    ['temp_total', {}, 'metadata_not_found'],
    ['nobody_knows', {}, 'metadata_not_found'],
    ['up', {}, 'gauge up GAUGE DOUBLE'],
    ['scrape_duration_seconds', {}, 'gauge scrape_duration_seconds GAUGE DOUBLE'],
    ['scrape_samples_scraped', {}, 'gauge scrape_samples_scraped GAUGE DOUBLE'],
    ['scrape_samples_post_metric_relabeling', {}, 'gauge scrape_samples_post_metric_relabeling GAUGE DOUBLE'],
    ['scrape_series_added', {}, 'gauge scrape_series_added GAUGE DOUBLE'],
    ['scrape_timeout_seconds', {}, 'gauge scrape_timeout_seconds GAUGE DOUBLE'],
    ['scrape_sample_limit', {}, 'gauge scrape_sample_limit GAUGE DOUBLE'],
    ['scrape_body_size_bytes', {}, 'gauge scrape_body_size_bytes GAUGE DOUBLE'],
    ['job:up:sum', {}, 'metric_name_invalid'],
  ]
  for (const [name, extra, expected] of cases) {
    it(`${name}${JSON.stringify(extra)}: ${expected}`, () =>
      assert.equal(summary(labelsOf(name, extra), { types }), expected))
  }
})

describe('renames and static metadata', () => {
  const renames = new Map([
    ['job:up:sum', 'job_up_sum'],
    ['om', 'requests'],
    ['h', 'latency'],
  ])
  it('renames the name that the mapping uses', () => {
    const rules = { metricRenames: renames }
    assert.equal(summary(labelsOf('job:up:sum'), { rules }), 'gauge job_up_sum GAUGE DOUBLE')
    assert.equal(
      summary(labelsOf('om_total'), { rules, types: { om: 'counter' } }),
      'cumulative requests CUMULATIVE DOUBLE',
    )
    assert.equal(
      summary(labelsOf('h_sum'), { rules, types: { h: 'histogram' } }),
      'sum latency CUMULATIVE DISTRIBUTION',
    )
    assert.equal(
      summary(labelsOf('om_total'), { rules, types: { om_total: 'counter' } }),
      'cumulative om_total CUMULATIVE DOUBLE',
    )
  })

  it('prefers static metadata to that of targets, by the old name or the new one', () => {
    const staticMetadata = new Map([
      ['a', { type: 'counter', valueType: 'INT64' } as const],
      ['job_up_sum', { type: 'gauge', valueType: 'INT64' } as const],
    ])
    const rules = { staticMetadata, metricRenames: renames }
    assert.equal(summary(labelsOf('a'), { rules, types: { a: 'gauge' } }), 'cumulative a CUMULATIVE INT64')
    assert.equal(summary(labelsOf('a_total'), { rules }), 'cumulative a CUMULATIVE INT64')
    assert.equal(summary(labelsOf('job:up:sum'), { rules }), 'gauge job_up_sum GAUGE INT64')
  })

  it('applies a different prefix', () => {
    const planned = plan(labelsOf('up'), { rules: { metricsPrefix: 'custom.googleapis.com/x' } })
    assert.equal(
      !isDrop(planned) && planned.role === 'gauge' && planned.identity.metricType,
      'custom.googleapis.com/x/up',
    )
  })
})

describe('labels', () => {
  it('keeps labels that belong neither to the target nor to the resource', () => {
    const labels = labelsOf('up', { app: 'other', method: 'GET' })
    assert.equal(summary(labels), 'gauge up GAUGE DOUBLE {app=other,method=GET}')
  })

  it('rewrites UTF-8 names as Google’s exporter does', () => {
    const types: Record<string, MetricType> = { 'http.server.requests_total': 'counter', 'http.duration': 'histogram' }
    assert.equal(
      summary(labelsOf('http.server.requests_total', { 'http.method': 'GET' }), { types }),
      'cumulative http_server_requests_total CUMULATIVE DOUBLE {http_method=GET}',
    )
    assert.equal(
      summary(labelsOf('http.duration_bucket', { le: '1' }), { types }),
      'bucket http_duration CUMULATIVE DISTRIBUTION le 1',
    )
    assert.equal(summary(labelsOf('up', { 'a.b': '1', a_b: '2' })), 'gauge up GAUGE DOUBLE {a_b=1;2}')
    assert.equal(summary(labelsOf('温度'), { types: { 温度: 'gauge' } }), 'metric_name_invalid')
  })

  it('strips external labels, unless their value differs', () => {
    const rules = { externalLabels: new Map([['region', 'eu']]) }
    assert.equal(summary(labelsOf('up', { region: 'eu' }), { rules }), 'gauge up GAUGE DOUBLE')
    assert.equal(summary(labelsOf('up', { region: 'us' }), { rules }), 'gauge up GAUGE DOUBLE {region=us}')
  })

  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${index}`, 'x']))
  it('allows 30 metric labels besides le', () => {
    const types: Record<string, MetricType> = { h: 'histogram' }
    assert.match(summary(labelsOf('h_bucket', { ...many(30), le: '1' }), { types }), /^bucket h/)
    assert.equal(summary(labelsOf('h_bucket', { ...many(31), le: '1' }), { types }), 'too_many_labels')
  })

  it('allows values of 1024 bytes and names of 100 characters', () => {
    assert.match(summary(labelsOf('up', { a: 'x'.repeat(1024) })), /^gauge/)
    assert.equal(summary(labelsOf('up', { a: 'é'.repeat(513) })), 'label_too_long')
    assert.equal(summary(labelsOf('up', { ['a'.repeat(101)]: 'x' })), 'label_too_long')
  })

  it('gives the same key to all parts of a histogram, and to nothing else', () => {
    const types: Record<string, MetricType> = { h: 'histogram' }
    const key = (name: string, extra: Record<string, string>) => {
      const planned = plan(labelsOf(name, extra), { types })
      return !isDrop(planned) && 'histogram' in planned ? planned.histogram : undefined
    }
    const keys = [key('h_bucket', { le: '1', path: '/' }), key('h_sum', { path: '/' }), key('h_count', { path: '/' })]
    assert.equal(new Set(keys).size, 1)
    assert.notEqual(keys[0], key('h_count', { path: '/b' }))
  })
})

it('uses gke_container for everything if requested', () => {
  const planned = plan(labelsOf('up'), { rules: { useGkeResource: true } })
  assert.equal(!isDrop(planned) && planned.role === 'gauge' && planned.identity.resourceType, 'gke_container')
})

describe('what is dropped', () => {
  it('series that match no selector', () => {
    const rules = { include: [parseSelector('{job="other"}')] }
    assert.equal(summary(labelsOf('up'), { rules }), 'excluded')
    assert.match(summary(labelsOf('up'), { rules: { include: [...rules.include, parseSelector('up')] } }), /^gauge/)
  })

  it('series without a target, unless a resource is set for them', () => {
    const labels = new Map([['__name__', 'job:up:sum']])
    assert.equal(summary(labels, { target: undefined }), 'target_not_found')
    const targetlessResource = { type: 'global', labels: new Map([['project_id', 'p']]) }
    const rules = { targetlessResource, metricRenames: new Map([['job:up:sum', 'job_up_sum']]) }
    assert.equal(summary(labels, { target: undefined, rules }), 'gauge job_up_sum GAUGE DOUBLE')
  })

  it('series that match no resource', () => {
    const resourceDefaults = { ...RULES.resourceDefaults, genericLocation: '' }
    assert.equal(summary(labelsOf('up'), { rules: { resourceDefaults } }), 'unknown_resource')
  })

  it('series without a name', () => assert.equal(summary(TARGET.labels), 'labels_invalid'))
})
