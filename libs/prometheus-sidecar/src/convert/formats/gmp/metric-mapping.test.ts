import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PLAIN_RULES } from '../../../../test/testing/plain-rules.ts'
import type { MetricType } from '../../../model/metadata.ts'
import type { Target } from '../../../model/target.ts'
import type { ConversionRules } from '../../conversion-rules.ts'
import { isDrop, planSeries } from '../../plan-series.ts'

const RULES: ConversionRules = {
  ...PLAIN_RULES,
  format: 'gmp',
  metricsPrefix: 'prometheus.googleapis.com',
  resourceDefaults: {
    projectId: 'p',
    kubernetesLocation: 'us-central1',
    kubernetesClusterName: 'demo',
    genericLocation: 'generic',
    genericNamespace: 'n',
  },
}

const TARGET: Target = {
  labels: new Map([
    ['job', 'j'],
    ['instance', 'i'],
    ['env', 'staging'],
  ]),
  discoveredLabels: new Map([['__meta_kubernetes_namespace', 'pods']]),
}

function plan(
  labels: Readonly<Record<string, string>>,
  types: Readonly<Record<string, MetricType>>,
  { target = TARGET, rules = {} }: { target?: Target | undefined; rules?: Partial<ConversionRules> } = {},
) {
  const series = new Map(Object.entries({ job: 'j', instance: 'i', ...labels }))
  const planned = planSeries(series, target, (family) => types[family], { ...RULES, ...rules })
  if (isDrop(planned)) return planned.drop
  if (planned.role === 'created') return planned.createdOf.length
  const { metricType, metricKind, metricLabels, resourceLabels } = planned.identity
  const counter = planned.role === 'gauge' ? planned.counter?.metricType : undefined
  return {
    type: metricType.replace('prometheus.googleapis.com/', ''),
    kind: metricKind,
    labels: Object.fromEntries(metricLabels),
    resource: Object.fromEntries(resourceLabels),
    counter,
  }
}

describe('the kind of a metric', () => {
  const TYPES = { c: 'counter', c_total: 'counter', g: 'gauge', s: 'summary', h: 'histogram', u: 'unknown' } as const
  const cases: [name: string, type: string, kind: string][] = [
    ['c_total', 'c_total/counter', 'CUMULATIVE'],
    ['g', 'g/gauge', 'GAUGE'],
    ['s_sum', 's_sum/summary:counter', 'CUMULATIVE'],
    ['s_count', 's_count/summary', 'CUMULATIVE'],
    ['h_bucket', 'h/histogram', 'CUMULATIVE'],
    ['h_count', 'h/histogram', 'CUMULATIVE'],
    ['u', 'u/unknown', 'GAUGE'],
    ['scrape_series_added', 'scrape_series_added/gauge', 'GAUGE'],
    ['job:rate:sum', 'job:rate:sum/gauge', 'GAUGE'],
  ]
  for (const [name, type, kind] of cases) {
    it(`${name} becomes ${type}`, () => {
      const planned = plan({ __name__: name, le: '1.0' }, TYPES)
      if (typeof planned !== 'object') assert.fail(String(planned))
      assert.deepEqual([planned.type, planned.kind], [type, kind])
    })
  }

  it('is that of a summary for quantiles, whose number has one canonical form', () => {
    const planned = plan({ __name__: 's', quantile: '1.0' }, TYPES)
    if (typeof planned !== 'object') assert.fail(String(planned))
    assert.deepEqual([planned.type, planned.labels], ['s/summary', { quantile: '1' }])
  })

  it('is both gauge and counter for a metric of unknown type', () => {
    const planned = plan({ __name__: 'u' }, TYPES)
    assert.equal(typeof planned === 'object' && planned.counter, 'prometheus.googleapis.com/u/unknown:counter')
  })

  it('does not exist for a part that metrics of its type don’t have', () => {
    assert.equal(plan({ __name__: 'h' }, TYPES), 'unexpected_metric_type')
    assert.equal(plan({ __name__: 's' }, TYPES), 'unexpected_metric_type')
    assert.equal(plan({ __name__: 'c_created' }, { c: 'counter' }), 2)
    assert.equal(plan({ __name__: 'unheard' }, TYPES), 'metadata_not_found')
  })
})

describe('the prometheus_target of a series', () => {
  const gauge = (labels: Record<string, string>, options: Parameters<typeof plan>[2] = {}) => {
    const planned = plan({ __name__: 'g', ...labels }, { g: 'gauge' }, options)
    return typeof planned === 'object' ? planned : assert.fail(String(planned))
  }

  it('has the location of its target; other labels of the target remain metric labels', () => {
    assert.deepEqual(gauge({ env: 'staging' }).resource, {
      location: 'us-central1',
      cluster: 'demo',
      namespace: 'pods',
      job: 'j',
      instance: 'i',
    })
    assert.deepEqual(gauge({ env: 'staging', location: 'here' }).labels, { env: 'staging', location: 'here' })
  })

  it('has the project, location, cluster and namespace from the target’s labels', () => {
    const own = { project_id: 'other', location: 'europe-west1', cluster: 'c', namespace: 'ns' }
    const target = { ...TARGET, labels: new Map([...TARGET.labels, ...Object.entries(own)]) }
    const { resource, labels } = gauge({ ...own, cluster: 'exposed' }, { target })
    assert.deepEqual(resource, { ...own, job: 'j', instance: 'i' })
    assert.deepEqual(labels, { cluster: 'exposed' })
  })

  it('has the job and instance of the series with honor_labels', () => {
    const { resource } = gauge({ job: 'own', instance: 'its' })
    assert.deepEqual([resource.job, resource.instance], ['own', 'its'])
  })

  it('falls back to the generic location and namespace, and needs a location', () => {
    const defaults = { ...RULES.resourceDefaults, kubernetesLocation: '', kubernetesClusterName: '' }
    const target = { ...TARGET, discoveredLabels: new Map() }
    const { resource } = gauge({}, { target, rules: { resourceDefaults: defaults } })
    assert.deepEqual([resource.location, resource.cluster, resource.namespace], ['generic', '', 'n'])
    const nowhere = { resourceDefaults: { ...defaults, genericLocation: '' } }
    assert.equal(plan({ __name__: 'g' }, { g: 'gauge' }, { target, rules: nowhere }), 'unknown_resource')
  })

  it('needs no target if the series has job and instance labels', () => {
    const series = (labels: [string, string][]) =>
      planSeries(new Map([['__name__', 'g'], ...labels]), undefined, () => 'gauge', RULES)
    const planned = series([
      ['job', 'otlp'],
      ['instance', 'x'],
    ])
    assert.ok(!isDrop(planned))
    const without = series([['job', 'otlp']])
    assert.equal(isDrop(without) && without.drop, 'target_not_found')
  })
})
