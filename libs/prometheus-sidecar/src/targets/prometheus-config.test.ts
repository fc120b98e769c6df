import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PrometheusApiError } from './prometheus-api.ts'
import { PrometheusConfig } from './prometheus-config.ts'

const HOUR_MS = 60 * 60 * 1000

/** The configuration of a Prometheus that answers with `answer`, which a test sets. */
function configOf(yaml: string) {
  const state = {
    answer: async (): Promise<unknown> => ({ yaml: state.yaml }),
    yaml,
    requests: 0,
    changes: 0,
    nowMs: 1_000_000,
  }
  const config = new PrometheusConfig({
    request: async (path) => {
      assert.equal(path, 'api/v1/status/config')
      state.requests += 1
      return state.answer()
    },
    nowMs: () => state.nowMs,
    onChange: () => {
      state.changes += 1
    },
  })
  return { config, state }
}

const externalLabels = (labels: Readonly<Record<string, string>>): string =>
  `global: ${JSON.stringify({ external_labels: labels })}`

test('external labels and the jobs with honor_labels come from the configuration', async () => {
  const { config, state } = configOf(`
global:
  external_labels:
    cluster: eu
    version: 1.10
scrape_configs:
  - job_name: own
    honor_labels: true
  - job_name: plain
    honor_labels: false
  - job_name: default
`)
  await config.check()
  assert.deepEqual([...config.externalLabels], Object.entries({ cluster: 'eu', version: '1.10' }))
  assert.deepEqual([...config.honoringJobs], ['own'])
  assert.equal(state.changes, 1)
})

const UNUSABLE: readonly (readonly [title: string, answer: unknown])[] = [
  ['no object', 'yaml'],
  ['no YAML', { yaml: 7 }],
  ['an empty configuration', { yaml: '' }],
  ['a list', { yaml: '- a' }],
  ['external labels that are a list', { yaml: 'global: { external_labels: [a] }' }],
  ['scrape_configs that are no list', { yaml: 'scrape_configs: { job_name: a, honor_labels: true }' }],
]

for (const [title, answer] of UNUSABLE) {
  test(`an answer without external labels: ${title}`, async () => {
    const { config, state } = configOf('')
    state.answer = async () => answer
    await config.check()
    assert.equal(config.externalLabels.size, 0)
    assert.equal(config.honoringJobs.size, 0)
    assert.equal(state.changes, 0)
  })
}

test('it is asked for once a second at most, and once by several at a time', async () => {
  const { config, state } = configOf(externalLabels({ a: '1' }))
  await Promise.all([config.check(), config.check(), config.check()])
  state.nowMs += 999
  await config.check()
  assert.equal(state.requests, 1)
  state.nowMs += 1
  await config.check()
  assert.equal(state.requests, 2)
  assert.equal(state.changes, 1)
})

test('replaced external labels are known for an hour, newest first, at most four', async () => {
  const { config, state } = configOf(externalLabels({ a: '0' }))
  await config.check()
  assert.deepEqual(config.formerExternalLabels, [])
  for (let index = 1; index <= 5; index++) {
    state.nowMs += 1000
    state.yaml = externalLabels({ a: String(index) })
    await config.check()
  }
  const former = (): (string | undefined)[] => config.formerExternalLabels.map((labels) => labels.get('a'))
  assert.deepEqual(former(), ['4', '3', '2', '1'])
  assert.equal(state.changes, 6)
  state.nowMs += HOUR_MS - 1000
  assert.deepEqual(former(), ['4'])
  state.nowMs += 1000
  assert.deepEqual(former(), [])
})

test('the external labels of the last run are former ones when Prometheus has others now', async () => {
  const { config, state } = configOf(externalLabels({ a: 'new' }))
  config.restore(new Map([['a', 'old']]))
  await config.check()
  assert.equal(config.externalLabels.get('a'), 'new')
  assert.deepEqual(
    config.formerExternalLabels.map((labels) => labels.get('a')),
    ['old'],
  )
  assert.equal(state.changes, 1)
})

test('a configuration that changes elsewhere is no change', async () => {
  const { config, state } = configOf(externalLabels({ a: '1' }))
  await config.check()
  state.nowMs += 1000
  state.yaml += '\nscrape_configs: [{ job_name: new }]'
  await config.check()
  assert.equal(state.changes, 1)
})

test('one that does not answer is not asked again for half a minute, and keeps what is known', async () => {
  const { config, state } = configOf(externalLabels({ a: '1' }))
  await config.check()
  state.answer = async () => {
    throw new PrometheusApiError('http://localhost:9090/api/v1/status/config: connection refused')
  }
  state.nowMs += 1000
  await config.check()
  state.nowMs += 29_999
  await config.check()
  assert.equal(state.requests, 2)
  state.nowMs += 1
  await config.check()
  assert.equal(state.requests, 3)
  assert.equal(config.externalLabels.get('a'), '1')
})

test('one that answers with an error has no configuration to show, and what is known stays', async () => {
  const { config, state } = configOf(externalLabels({ a: '1' }))
  await config.check()
  state.answer = async () => {
    throw new PrometheusApiError('http://localhost:9090/api/v1/status/config: 404', { status: 404 })
  }
  state.nowMs += 1000
  await config.fetch()
  assert.equal(config.externalLabels.get('a'), '1')
})

test('what is no error of Prometheus’ API reaches the caller', async () => {
  const { config, state } = configOf('')
  state.answer = async () => {
    throw new TypeError('not a function')
  }
  await assert.rejects(config.check(), TypeError)
})
