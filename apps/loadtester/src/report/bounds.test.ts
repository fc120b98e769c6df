import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Tally } from '../results/tally.ts'
import { readBounds } from '../script/ensure.ts'
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
const metric = createMetricReader(tally)

describe('createMetricReader', () => {
  for (const [name, value] of [
    ['http.requests', 100],
    ['http.responses', 100],
    ['http.codes.500', 5],
    ['http.downloaded_bytes', 1000],
    ['http.response_time.min', 1],
    ['http.response_time.max', 100],
    ['http.response_time.count', 100],
    ['vusers.created', 100],
    ['vusers.completed', 90],
    ['vusers.failed', 2],
    ['error_rate', 5],
    ['vusers.error_rate', 2],
    ['emails', 5],
    ['http.codes.418', undefined],
    ['vusers.session_length.p95', undefined],
    ['nonsense', undefined],
    ['', undefined],
  ] as const) {
    it(`reads ${name || 'nothing'} as ${value}`, () => {
      assert.equal(metric(name), value)
    })
  }

  it('misses the bound of the expectations if one of them failed', () => {
    const failed = new Tally()
    failed.addCounter('plugins.expect.failed', 1)
    const [bound] = checkBounds(readBounds({ plugins: { expect: {} } }), createMetricReader(failed))
    assert.deepEqual([bound?.ok, bound?.value], [false, 1])
  })

  it('reads quantiles within 1 %', () => {
    assert.ok(Math.abs((metric('http.response_time.p95') ?? 0) - 95) <= 1.9)
    assert.ok(Math.abs((metric('http.response_time.median') ?? 0) - 50) <= 1)
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
      config: { ensure: { thresholds: [{ error_rate: 5 }, { error_rate: 4.9 }] } },
      kept: [true, false],
    },
    {
      name: 'conditions',
      config: { plugins: { ensure: { conditions: [{ expression: 'vusers.failed < 3 and http.codes.500 >= 6' }] } } },
      kept: [true, false],
    },
    {
      name: 'a metric that was never measured',
      config: { ensure: { thresholds: [{ 'http.codes.418': 1 }] } },
      kept: [false],
    },
  ]) {
    it(`checks ${name}`, () => {
      assert.deepEqual(
        checkBounds(readBounds(config), metric).map(({ ok }) => ok),
        kept,
      )
    })
  }

  it('reads bounds that do not fail a run', () => {
    const [bound] = readBounds({ ensure: { conditions: [{ expression: 'vusers.failed == 0', strict: false }] } })
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
        () => readBounds(config),
        (error) => error instanceof ScriptError && error.field === field,
      )
    })
  }
})
