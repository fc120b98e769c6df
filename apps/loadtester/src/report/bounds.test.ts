import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Tally } from '../results/tally.ts'
import { readBounds } from '../script/bounds/ensure.ts'
import { ScriptError } from '../script/script-error.ts'
import { createMetricReader } from './artillery-metrics.ts'
import { checkBounds } from './bounds.ts'

const tally = new Tally()
tally.arrivals = 100
tally.usersCompleted = 90
tally.usersFailed = 2
tally.addCounter('emails', 5)
const series = tally.seriesOf('GET', '/')
for (let index = 1; index <= 100; index++) {
  series.addEnd({
    durationMs: index,
    firstByteMs: index / 2,
    status: index > 95 ? 500 : 200,
    error: undefined,
    bytes: 10,
  })
}
tally.addRate('emails.rate')
tally.addRate('emails.rate')
for (const [status, ms] of [
  [200, 10],
  [204, 10],
  [500, 70],
] as const)
  tally.addStatusLatency(status, ms)
const other = tally.seriesOf('POST', '/')
other.addEnd({ durationMs: 9, firstByteMs: 1, status: 201, error: undefined, bytes: 0 })
other.addEnd({ durationMs: 9, firstByteMs: 1, status: undefined, error: 'ETIMEDOUT', bytes: 0 })
const metric = createMetricReader(tally, 10)

const document = (config: Record<string, unknown>) => ({
  config: { target: 'http://shop:8080', ...config },
  scenarios: [
    {
      name: 'browse',
      flow: [
        { get: { url: '/' } },
        { loop: [{ get: { url: '/items/{{ id }}?page=2' } }], count: 2 },
        { parallel: [{ post: { url: 'http://other/pay', name: 'pay' } }] },
      ],
    },
    { flow: [{ get: { url: '/a', name: 'shared' } }, { get: { url: '/b', name: 'shared' } }] },
  ],
})
const bounds = (config: Record<string, unknown>) => readBounds(document(config))
const condition = (expression: string, config: Record<string, unknown> = {}) =>
  bounds({ ...config, ensure: { conditions: [{ expression }] } })

describe('createMetricReader', () => {
  for (const [name, value] of [
    ['http.requests', 102],
    ['http.responses', 101],
    ['http.request_rate', 10.2],
    ['emails.rate', 0.2],
    ['http.response_time.2xx.count', 2],
    ['http.response_time.5xx.max', 70],
    ['http.response_time.4xx.p95', undefined],
    ['http.codes.500', 5],
    ['http.downloaded_bytes', 1000],
    ['http.response_time.min', 1],
    ['http.response_time.max', 100],
    ['http.response_time.count', 102],
    ['vusers.created', 100],
    ['vusers.completed', 90],
    ['vusers.failed', 2],
    ['error_rate', (100 * 6) / 102],
    ['vusers.error_rate', 2],
    ['emails', 5],
    ['http.codes.418', 0],
    ['errors.ECONNRESET', 0],
    ['plugins.metrics-by-endpoint./.codes.500', 5],
    ['plugins.metrics-by-endpoint./.codes.201', 1],
    ['plugins.metrics-by-endpoint.response_time./.count', 102],
    ['vusers.session_length.p95', undefined],
    ['nonsense', undefined],
    ['', undefined],
  ] as const) {
    it(`reads ${name || 'nothing'} as ${value}`, () => {
      assert.equal(metric({ metric: name }), value)
    })
  }

  it('misses the bound of the expectations if one of them failed', () => {
    const failed = new Tally()
    failed.addCounter('plugins.expect.failed', 1)
    const [bound] = checkBounds(bounds({ plugins: { expect: {} } }), createMetricReader(failed, 1))
    assert.deepEqual([bound?.ok, bound?.value], [false, 1])
  })

  it('reads quantiles within 1 %', () => {
    assert.ok(Math.abs((metric({ metric: 'http.response_time.p95' }) ?? 0) - 95) <= 1.9)
    assert.ok(Math.abs((metric({ metric: 'http.response_time.median' }) ?? 0) - 49) <= 1)
  })
})

describe('ensure', () => {
  for (const { name, config, kept } of [
    { name: 'no bounds', config: {}, kept: [] },
    {
      name: 'thresholds',
      config: { ensure: { thresholds: [{ 'http.response_time.p95': 200 }, { 'http.response_time.p95': 50 }] } },
      kept: [true, false],
    },
    { name: 'expectations', config: { plugins: { expect: {} } }, kept: [true] },
    { name: 'short forms', config: { ensure: { p99: 120, maxErrorRate: 2 } }, kept: [true, true] },
    { name: 'an error rate that is missed', config: { ensure: { maxErrorRate: 1.9 } }, kept: [false] },
    {
      name: 'the rate of failed requests',
      config: { ensure: { thresholds: [{ error_rate: 6 }, { error_rate: 5.8 }] } },
      kept: [true, false],
    },
    {
      name: 'conditions',
      config: { plugins: { ensure: { conditions: [{ expression: 'vusers.failed < 3 and http.codes.500 >= 6' }] } } },
      kept: [true, false],
    },
    {
      name: 'a code that never came, and a time that was never measured',
      config: { ensure: { thresholds: [{ 'http.codes.418': 1 }, { 'vusers.session_length.p95': 1 }] } },
      kept: [true, false],
    },
  ]) {
    it(`checks ${name}`, () => {
      assert.deepEqual(
        checkBounds(bounds(config), metric).map(({ ok }) => ok),
        kept,
      )
    })
  }

  for (const [expression, kept] of [
    ['vusers.created - vusers.completed == 10', true],
    ['((vusers.created - vusers.completed)/vusers.created * 100) <= 9', false],
    ['http.codes.500 > 9 or http.response_time.p95 < 100', true],
    ['http.codes.500 > 9 or http.response_time.p95 < 50 and vusers.failed < 9', false],
    ['not (http.codes.500 > 9)', true],
    ['http.codes.500 in (4, 5)', true],
    ['http.response_time.p99 < 3 * http.response_time.p50', true],
    ['max(http.response_time.p95, http.response_time.p99) < 90', false],
    ['vusers.failed < vusers.created', true],
    ['errors.Failed capture or match < 1', true],
    ['plugins.metrics-by-endpoint./.codes.500 / plugins.metrics-by-endpoint./.codes.200 < 0.06', true],
    ['vusers.session_length.p95 < 1 or vusers.failed < 9', false],
  ] as const) {
    it(`checks ${expression}`, () => {
      assert.deepEqual(
        checkBounds(condition(expression), metric).map(({ ok }) => ok),
        [kept],
      )
    })
  }

  it('reads bounds that do not fail a run', () => {
    const [bound] = bounds({ ensure: { conditions: [{ expression: 'vusers.failed == 0', strict: false }] } })
    assert.deepEqual([bound?.strict, bound?.text], [false, 'vusers.failed == 0'])
  })

  for (const { config, field } of [
    { config: { ensure: 7 }, field: 'config.ensure' },
    { config: { ensure: { p42: 1 } }, field: 'config.ensure.p42' },
    { config: { ensure: { constructor: 1 } }, field: 'config.ensure.constructor' },
    { config: { ensure: { p95: 'fast' } }, field: 'config.ensure.p95' },
    { config: { ensure: { thresholds: { p95: 1 } } }, field: 'config.ensure.thresholds' },
    {
      config: { plugins: { ensure: { conditions: [{ expression: 'p95 is small' }] } } },
      field: 'config.plugins.ensure.conditions[0].expression',
    },
  ]) {
    it(`refuses ${JSON.stringify(config)}`, () => {
      assert.throws(
        () => bounds(config),
        (error) => error instanceof ScriptError && error.field === field,
      )
    })
  }
})

describe('metrics by endpoint', () => {
  for (const [metric, series, config = {}] of [
    ['plugins.metrics-by-endpoint.response_time./.p95', ['/']],
    ['plugins.metrics-by-endpoint./.codes.200', ['/']],
    ['plugins.metrics-by-endpoint./.errors.ETIMEDOUT', ['/']],
    ['plugins.metrics-by-endpoint.response_time./items/{{ id }}.p99', ['/items/{{ id }}?page=2']],
    ['plugins.metrics-by-endpoint.response_time./items/{{ id }}?page=2.p99', ['/items/{{ id }}?page=2']],
    ['plugins.metrics-by-endpoint.response_time.other/pay (pay).max', ['pay']],
    ['plugins.metrics-by-endpoint.response_time.pay.max', ['pay']],
    ['plugins.metrics-by-endpoint.response_time.shared.max', ['shared']],
    ['mine.response_time.pay.max', ['pay'], { plugins: { 'metrics-by-endpoint': { metricsNamespace: 'mine' } } }],
    [
      'plugins.metrics-by-endpoint.response_time.pay.max',
      ['pay'],
      { plugins: { 'metrics-by-endpoint': { useOnlyRequestNames: true } } },
    ],
  ] as const) {
    it(`${metric} is that of ${series.join()}`, () => {
      assert.deepEqual(
        condition(`${metric} < 5`, config).map(({ endpoint }) => endpoint?.series),
        [series],
      )
    })
  }

  it('sums up the requests of all methods', () => {
    const read = condition(
      'plugins.metrics-by-endpoint./.codes.200 == 95 and plugins.metrics-by-endpoint./.errors.ETIMEDOUT == 1 and plugins.metrics-by-endpoint.response_time./.count == 102',
    )
    assert.deepEqual(
      checkBounds(read, metric).map(({ ok }) => ok),
      [true, true, true],
    )
  })
})

describe('a metric that no run of the script has is refused before the load', () => {
  for (const [metric, says, config = {}] of [
    ['http.respones_time.p95', /did you mean http\.response_time\.p95\?/],
    ['http.response_time.p96', /did you mean http\.response_time\.p9\d\?/],
    ['http.response_time.p96', /did you mean/, { processor: { emit: () => {} } }],
    ['http.response_time.2xx', /did you mean http\.response_time\.2xx\./],
    ['vusers.created_by_name.brows', /did you mean vusers\.created_by_name\.browse\?/],
    ['emails', /which no run of this script has/],
    ['plugins.metrics-by-endpoint.response_time./itemz/{{ id }}.p95', /did you mean \/items\/\{\{ id \}\}/],
    ['plugins.metrics-by-endpoint.response_time./.p96', /must end in one of min, max/],
    ['plugins.metrics-by-endpoint./', /names no metric of an endpoint/],
    ['vusers.created - vusers.complete', /did you mean vusers\.completed\?/],
    ['(vusers.created', /is not a condition such as/],
    ['plugins.metrics-by-endpoint.response_time./a (shared).p95', /counted together; use "shared"/],
  ] as const) {
    it(`${metric} ${JSON.stringify(config)}`, () => {
      assert.throws(
        () => condition(`${metric} < 5`, config),
        (error) => error instanceof ScriptError && says.test(error.message),
      )
    })
  }

  for (const config of [{ processor: { emit: () => {} } }, { plugins: { apdex: {} } }, { engine: 'ws' }]) {
    it(`but ${Object.keys(config).join()} may emit its own`, () => {
      assert.equal(condition('emails < 5', config)[0]?.metric, 'emails')
    })
  }
})
