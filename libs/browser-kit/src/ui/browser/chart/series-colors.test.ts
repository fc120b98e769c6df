import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ColoredSeries, colorsOf } from './series-colors.ts'

describe('the meaning of a series determines its colour', () => {
  const cases: readonly (readonly [what: ColoredSeries, token: string])[] = [
    [{ name: 'GET', labels: { status: '200' } }, 'status-2xx'],
    [{ name: 'GET', labels: { method: 'GET', status_code: '302' } }, 'status-3xx'],
    [{ name: 'x', labels: { 'http.response.status_code': '404' } }, 'status-4xx'],
    [{ name: 'x', labels: { response_code: '503' } }, 'status-5xx'],
    [{ name: '5xx' }, 'status-5xx'],
    [{ name: 'share of 5XX' }, 'status-5xx'],
    [{ name: 'GET 404' }, 'status-4xx'],
    [{ name: 'p50' }, 'quantile-low'],
    [{ name: 'median' }, 'quantile-low'],
    [{ name: 'p90' }, 'quantile-middle'],
    [{ name: 'latency p95' }, 'quantile-high'],
    [{ name: '99th percentile' }, 'quantile-highest'],
    [{ name: 'p999' }, 'quantile-highest'],
    [{ name: 'gc', labels: { quantile: '0.99' } }, 'quantile-highest'],
    [{ name: 'failures' }, 'status-5xx'],
    [{ name: 'requests that failed' }, 'status-5xx'],
  ]
  for (const [series, token] of cases)
    it(`${series.name} ${JSON.stringify(series.labels ?? {})}: ${token}`, () =>
      assert.equal(colorsOf([series])[0]?.token, token))

  for (const name of ['500 users', 'requests', 'p5', 'status', 'pod-200-x', ''])
    it(`${JSON.stringify(name)} has no such meaning`, () =>
      assert.match(colorsOf([{ name }])[0]?.token ?? '', /^series-/))
})

describe('any other series', () => {
  const pods = Array.from({ length: 10 }, (_, index) => ({ name: `${index}`, labels: { pod: `pod-${index}` } }))

  it('has the same colour in every chart, whatever its name there', () => {
    for (const { labels } of pods)
      assert.deepEqual(colorsOf([{ name: 'memory', labels }]), colorsOf([{ name: 'CPU of a pod', labels }]))
  })

  it('shares a colour only when all are used', () => {
    assert.equal(new Set(colorsOf(pods).map(({ token }) => token)).size, 10)
    const shades = colorsOf([...pods, { name: 'an eleventh' }]).map(({ shade }) => shade)
    assert.deepEqual([...new Set(shades)], [0, 1])
  })

  it('of the same status has a different shade', () => {
    const codes = ['200', '201', '500'].map((status) => ({ name: status, labels: { status } }))
    assert.deepEqual(colorsOf(codes), [
      { token: 'status-2xx', shade: 0 },
      { token: 'status-2xx', shade: 1 },
      { token: 'status-5xx', shade: 0 },
    ])
  })
})
