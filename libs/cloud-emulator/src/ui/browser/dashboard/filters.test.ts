// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Cloud Monitoring's templates look like this
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { applyFilters, filterSelector } from './filters.ts'

const pod = { labelKey: 'pod_name', filterType: 'RESOURCE_LABEL' }
const status = { labelKey: 'status', filterType: 'METRIC_LABEL', stringValue: '200' }
const filterOf = (text: string, filters: Parameters<typeof applyFilters>[1], choices = {}) =>
  applyFilters({ timeSeriesFilter: { filter: text } }, filters, choices).timeSeriesFilter?.filter

describe("a dashboard's filters", () => {
  it('change nothing until a value is chosen', () => {
    assert.equal(filterOf('metric.type="m"', [pod]), 'metric.type="m"')
    assert.equal(filterOf('metric.type="m"', [pod], { pod_name: '*' }), 'metric.type="m"')
  })

  it('are combined with the whole filter by AND', () => {
    assert.equal(
      filterOf('metric.type="m" OR metric.type="n"', [pod], { pod_name: 'a' }),
      '(metric.type="m" OR metric.type="n") AND resource.label.pod_name="a"',
    )
  })

  it('start with their default, which a value replaces and * removes', () => {
    assert.equal(filterOf('f', [status]), '(f) AND metric.label.status="200"')
    assert.equal(filterOf('f', [status], { status: '500' }), '(f) AND metric.label.status="500"')
    assert.equal(filterOf('f', [status], { status: '*' }), 'f')
  })

  it('escape characters that would end the string', () => {
    assert.equal(filterOf('f', [pod], { pod_name: 'a"b\\c' }), '(f) AND resource.label.pod_name="a\\"b\\\\c"')
  })

  it('with a template variable replace only the variable', () => {
    const named = { ...pod, templateVariable: 'pod' }
    assert.equal(filterOf('f AND ${pod}', [named], { pod: 'a' }), 'f AND resource.label.pod_name="a"')
    assert.equal(filterOf('x="${pod.value}"', [named], { pod: 'a' }), 'x="a"')
    assert.equal(filterOf('f', [named], { pod: 'a' }), 'f')
    assert.equal(filterOf('f AND $pod', [named], { pod: 'a' }), 'f AND resource.label.pod_name="a"')
    assert.equal(filterOf('x="${pod.value}"', [named], { pod: 'a"b' }), 'x="a\\"b"')
    assert.equal(filterOf('$podium ${other}', [named], { pod: 'a' }), '$podium ${other}')
  })

  it('with a template variable leave a valid filter without a value', () => {
    const named = { ...pod, templateVariable: 'pod' }
    assert.equal(filterOf('metric.type="m" AND ${pod}', [named]), 'metric.type="m" AND resource.type:*')
  })

  it('with a variable of any name are safe', () => {
    assert.equal(filterOf('f AND ${a}', [{ ...pod, templateVariable: '(' }], { '(': 'a' }), 'f AND ${a}')
  })

  it('apply to both halves of a ratio', () => {
    const query = { timeSeriesFilterRatio: { numerator: { filter: 'n' }, denominator: { filter: 'd' } } }
    const { numerator, denominator } = applyFilters(query, [pod], { pod_name: 'a' }).timeSeriesFilterRatio ?? {}
    assert.equal(numerator?.filter, '(n) AND resource.label.pod_name="a"')
    assert.equal(denominator?.filter, '(d) AND resource.label.pod_name="a"')
  })

  it('on metadata and groups have no effect here', () => {
    assert.equal(filterSelector({ labelKey: 'x', filterType: 'USER_METADATA_LABEL' }), undefined)
    assert.equal(filterSelector({ filterType: 'RESOURCE_LABEL' }), undefined)
  })

  it('replace variables in PromQL', () => {
    const zone = { labelKey: 'zone', filterType: 'RESOURCE_LABEL', templateVariable: 'zone' }
    const promqlOf = (prometheusQuery: string, choices = {}) =>
      applyFilters({ prometheusQuery }, [zone], choices).prometheusQuery
    assert.equal(promqlOf('up{${zone}}'), 'up{zone=~".*"}')
    assert.equal(promqlOf('up{${zone},a="${zone.value}"}', { zone: 'a"b' }), 'up{zone="a\\"b",a="a\\"b"}')
    assert.equal(promqlOf('up{a="$other"}'), 'up{a="$other"}')
  })

  it('with only a value are inserted unchanged', () => {
    const window = { labelKey: '', filterType: 'VALUE_ONLY', templateVariable: 'window', stringValue: '4w' }
    const promqlOf = (prometheusQuery: string, choices = {}) =>
      applyFilters({ prometheusQuery }, [window], choices).prometheusQuery
    assert.equal(promqlOf('rate(up[${window}])'), 'rate(up[4w])')
    assert.equal(promqlOf('rate(up[$window])', { window: '1d' }), 'rate(up[1d])')
    assert.equal(filterOf('metric.labels.x="${window}"', [window]), 'metric.labels.x="4w"')
  })
})
