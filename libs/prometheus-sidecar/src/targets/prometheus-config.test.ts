import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PrometheusApiError } from './prometheus-api.ts'
import { PrometheusConfig } from './prometheus-config.ts'

const HOUR_MS = 60 * 60 * 1000

/** The configuration of a Prometheus that answers with `answer`, which a test sets. */
function configOf(yaml: string, receiverPort = 9091) {
  const state = {
    answer: async (): Promise<unknown> => ({ yaml: state.yaml }),
    yaml,
    requests: 0,
    changes: 0,
    warnings: 0,
    nowMs: 1_000_000,
  }
  const config = new PrometheusConfig({
    request: async (path) => {
      assert.equal(path, 'api/v1/status/config')
      state.requests += 1
      return state.answer()
    },
    nowMs: () => state.nowMs,
    receiverPort,
    onChange: () => {
      state.changes += 1
    },
    log: {
      warn() {
        state.warnings += 1
      },
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

const DROPS_GO = `write_relabel_configs: [{ action: drop, source_labels: [__name__], regex: 'go_.*' }]`
const WRITERS: readonly (readonly [title: string, remoteWrite: string, sent: readonly string[]])[] = [
  ['without remote_write', '', ['go_info', 'up']],
  ['without write_relabel_configs', 'remote_write: [{ url: http://localhost:9091/api/v1/write }]', ['go_info', 'up']],
  ['that drop', `remote_write: [{ url: http://localhost:9091/api/v1/write, ${DROPS_GO} }]`, ['up']],
  [
    'that change labels',
    'remote_write: [{ url: http://a:9091/w, write_relabel_configs: [{ target_label: x, replacement: y }] }]',
    [],
  ],
  [
    'of another receiver do not matter',
    `remote_write: [{ url: http://localhost:9091/api/v1/write, ${DROPS_GO} }, { url: http://mimir:9009/api/v1/push }]`,
    ['up'],
  ],
  [
    'of all receivers matter if none has the port of the sidecar, such as behind a Service',
    `remote_write: [{ url: https://sidecar/api/v1/write, ${DROPS_GO} }, { url: http://mimir:9009/api/v1/push, ${DROPS_GO} }]`,
    ['up'],
  ],
  [
    'of two with that port, one of which keeps the series',
    `remote_write: [{ url: http://b:9091/w }, { url: http://a:9091/w, ${DROPS_GO} }]`,
    ['go_info', 'up'],
  ],
  [
    'with an action that is not known here',
    'remote_write: [{ url: http://a:9091/w, write_relabel_configs: [{ action: later }] }]',
    ['go_info', 'up'],
  ],
]

for (const [title, remoteWrite, sent] of WRITERS) {
  test(`what remote_write sends: write_relabel_configs ${title}`, async () => {
    const { config } = configOf(remoteWrite)
    await config.check()
    assert.deepEqual(
      ['go_info', 'up'].filter((name) => config.sends(new Map(Object.entries({ __name__: name, job: 'j' })))),
      sent,
    )
  })
}

test('what remote_write sends changes with a reload', async () => {
  const { config, state } = configOf(`remote_write: [{ url: http://localhost:9091/api/v1/write, ${DROPS_GO} }]`)
  const series = new Map([['__name__', 'go_info']])
  assert.ok(config.sends(series), 'nothing is known yet')
  await config.check()
  assert.ok(!config.sends(series))
  state.nowMs += 1000
  state.yaml = 'remote_write: [{ url: http://localhost:9091/api/v1/write }]'
  await config.check()
  assert.ok(config.sends(series))
})

const NATIVE: readonly (readonly [yaml: string, warnings: number])[] = [
  ['remote_write: [{ url: http://h:9091/ }]', 1],
  ['remote_write: [{ url: http://h:9091/ }, { url: http://h:1/, send_native_histograms: true }]', 1],
  ['remote_write: [{ url: http://h:9091/, send_native_histograms: true }]', 0],
  ['remote_write: []', 0],
]

for (const [yaml, warnings] of NATIVE) {
  test(`native histograms that are scraped but not sent are logged: ${yaml}`, async () => {
    const { config, state } = configOf(`scrape_configs: [{ job_name: a, scrape_native_histograms: true }]\n${yaml}`)
    await config.fetch()
    await config.fetch()
    assert.equal(state.warnings, warnings)
    state.yaml = yaml
    await config.fetch()
    assert.equal(state.warnings, warnings)
  })
}
