// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Cloud Monitoring's templates look like this
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fillTemplate, nameSeries } from './legend.ts'

const series = (metricLabels: Record<string, string>, resourceLabels: Record<string, string> = {}) => ({
  metricType: 'external.googleapis.com/prometheus/up',
  metricLabels,
  resourceType: 'k8s_container',
  resourceLabels,
  timesMs: [],
})

describe('a legend template', () => {
  for (const [template, text] of [
    ['${metric.labels.status}', '200'],
    ['${metric.label.status}', '200'],
    ['pod ${resource.labels.pod_name}: ${metric.labels.status}', 'pod a: 200'],
    ['${metric.type}', 'external.googleapis.com/prometheus/up'],
    ['${metric.labels.nothing}!', '!'],
    ['plain', 'plain'],
  ] as const) {
    it(template, () => assert.equal(fillTemplate(template, series({ status: '200' }, { pod_name: 'a' })), text))
  }
})

describe('names without a template', () => {
  it('are the labels that differ', () => {
    const names = nameSeries([series({ m: 'GET', s: '200' }), series({ m: 'GET', s: '500' })], undefined)
    assert.deepEqual(names, ['200', '500'])
  })
  it("are the only label of a single series, or the caller's fallback", () => {
    assert.deepEqual(nameSeries([series({ s: '200' })], undefined), ['200'])
    assert.deepEqual(nameSeries([series({ s: '200' })], undefined, '99th percentile'), ['99th percentile'])
  })
  it('are the metric if there are no labels', () => assert.deepEqual(nameSeries([series({})], undefined), ['up']))
  it('are the metric if only its resource has labels, unless it was grouped by one of them', () => {
    const whole = { project_id: 'p', cluster_name: 'c', pod_name: 'a' }
    assert.deepEqual(nameSeries([series({}, whole)], undefined), ['up'])
    assert.deepEqual(nameSeries([series({ s: '200' }, whole)], undefined), ['200'])
    assert.deepEqual(nameSeries([series({}, { project_id: 'p', pod_name: 'a' })], undefined), ['a'])
  })
  it('contain a label that only some series have', () => {
    assert.deepEqual(nameSeries([series({ s: '200' }), series({})], undefined), ['200', 'up'])
  })
})
