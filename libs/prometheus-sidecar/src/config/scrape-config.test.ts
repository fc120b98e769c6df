import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scrapeTargets } from '../scrape/scrape-target.ts'
import { parseScrapeConfig } from './scrape-config.ts'

const TARGETS = "static_configs: [{ targets: ['h:1'] }]"

function problemsOf(yaml: string): string {
  try {
    parseScrapeConfig(yaml, 'scrape.yml')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return ''
}

describe('parseScrapeConfig', () => {
  it('applies Prometheus’ defaults, global settings, and those of a job', () => {
    const [plain, own] = parseScrapeConfig(
      `
global: { scrape_interval: 15s, scrape_timeout: 5s, external_labels: { a: b } }
remote_write: [{ url: http://h/ }]
rule_files: [x]
scrape_configs:
  - job_name: plain
    ${TARGETS}
  - job_name: own
    scrape_interval: 1m30s
    scrape_timeout: 500ms
    metrics_path: /m
    scheme: https
    params: { module: [a, b] }
    honor_labels: true
    honor_timestamps: false
    follow_redirects: false
    sample_limit: 10
    body_size_limit: 2MB
    basic_auth: { username: u, password: p }
    ${TARGETS}
`,
      'scrape.yml',
    )
    assert.deepEqual(plain, {
      name: 'plain',
      intervalMs: 15_000,
      timeoutMs: 5_000,
      metricsPath: '/metrics',
      scheme: 'http',
      params: [],
      honorLabels: false,
      honorTimestamps: true,
      followRedirects: true,
      sampleLimit: 0,
      bodySizeLimitBytes: 0,
      authorization: undefined,
      groups: [{ targets: ['h:1'], labels: {} }],
    })
    assert.deepEqual(own, {
      name: 'own',
      intervalMs: 90_000,
      timeoutMs: 500,
      metricsPath: '/m',
      scheme: 'https',
      params: [
        ['module', 'a'],
        ['module', 'b'],
      ],
      honorLabels: true,
      honorTimestamps: false,
      followRedirects: false,
      sampleLimit: 10,
      bodySizeLimitBytes: 2 * 1024 * 1024,
      authorization: { type: 'basic', username: 'u', password: { value: 'p' } },
      groups: [{ targets: ['h:1'], labels: {} }],
    })
  })

  it('applies the limits of global to jobs without their own', () => {
    const limits = parseScrapeConfig(
      `global: { sample_limit: 10, body_size_limit: 1KB, scrape_protocols: [], label_limit: 9, of_a_later_version: 1 }
scrape_configs: [{ job_name: a, ${TARGETS} }, { job_name: b, sample_limit: 0, body_size_limit: 2KB, ${TARGETS} }]`,
      'x',
    ).map(({ sampleLimit, bodySizeLimitBytes }) => [sampleLimit, bodySizeLimitBytes])
    assert.deepEqual(limits, [
      [10, 1024],
      [0, 2048],
    ])
  })

  it('reads scalars as written', () => {
    const [job] = parseScrapeConfig(
      `scrape_configs:
        - job_name: 010
          honor_labels: True
          follow_redirects: no
          sample_limit: 010
          params: { v: [1.10, 0x10, ~] }
          basic_auth: { username: 1e3, password: 007700 }
          static_configs:
            - targets: ['h:1']
              labels: { version: 1.10, on: True, zeros: 00, none: null, quoted: 'null' }`,
      'x',
    )
    assert.deepEqual(job?.name, '010')
    assert.equal(job?.honorLabels, true)
    assert.equal(job?.followRedirects, false)
    assert.equal(job?.sampleLimit, 10)
    assert.deepEqual(job?.params, [
      ['v', '1.10'],
      ['v', '0x10'],
      ['v', ''],
    ])
    assert.deepEqual(job?.authorization, { type: 'basic', username: '1e3', password: { value: '007700' } })
    assert.deepEqual(job?.groups[0]?.labels, { version: '1.10', on: 'True', zeros: '00', none: '', quoted: 'null' })
  })

  const refused: readonly [title: string, yaml: string, message: RegExp][] = [
    ['not a map', '- a', /must be a map with scrape_configs/],
    ['broken YAML', 'a: [', /scrape.yml can't be used/],
    ['an alias without an anchor', 'a: *nowhere', /scrape.yml can't be used:\n.*nowhere/],
    ['no job', 'global: {}', /at least one job is needed/],
    ['no target', 'scrape_configs: [{ job_name: a }]', /no target in any static_configs/],
    ['no name', `scrape_configs: [{ ${TARGETS} }]`, /scrape_configs\[0\]\.job_name: is missing/],
    ['a name twice', `scrape_configs: [{ job_name: a, ${TARGETS} }, { job_name: a, ${TARGETS} }]`, /"a" appears twice/],
    [
      'service discovery',
      'scrape_configs: [{ job_name: a, kubernetes_sd_configs: [] }]',
      /kubernetes_sd_configs: is not supported/,
    ],
    [
      'relabelling',
      `scrape_configs: [{ job_name: a, metric_relabel_configs: [], ${TARGETS} }]`,
      /metric_relabel_configs: is not supported/,
    ],
    [
      'a bad duration',
      `scrape_configs: [{ job_name: a, scrape_interval: 10, ${TARGETS} }]`,
      /scrape_interval: 10; must be a duration such as 10s/,
    ],
    [
      'a long timeout',
      `scrape_configs: [{ job_name: a, scrape_interval: 1s, scrape_timeout: 2s, ${TARGETS} }]`,
      /2s is longer than the scrape_interval, 1s/,
    ],
    [
      'a URL as target',
      "scrape_configs: [{ job_name: a, static_configs: [{ targets: ['http://h:1/'] }] }]",
      /is not HOST or HOST:PORT/,
    ],
    [
      'a bad label',
      `scrape_configs: [{ job_name: a, static_configs: [{ targets: ['h'], labels: { a-b: c } }] }]`,
      /"a-b" is not a label name/,
    ],
    [
      'an unknown field of a group of targets',
      `scrape_configs: [{ job_name: a, static_configs: [{ targets: ['h'], label: { a: b } }] }]`,
      /static_configs\[0\]\.label: is unknown; targets and labels are allowed/,
    ],
    [
      'an unknown field of basic_auth',
      `scrape_configs: [{ job_name: a, basic_auth: { username_file: f }, ${TARGETS} }]`,
      /basic_auth\.username_file: is unknown; username, password and password_file are allowed/,
    ],
    [
      'an unknown field of authorization',
      `scrape_configs: [{ job_name: a, authorization: { credential: c }, ${TARGETS} }]`,
      /authorization\.credential: is unknown; type, credentials and credentials_file are allowed/,
    ],
    [
      'a misspelt setting for all jobs',
      `global: { scrape_intervall: 5s }\nscrape_configs: [{ job_name: a, ${TARGETS} }]`,
      /global\.scrape_intervall: is unknown; did you mean scrape_interval\?/,
    ],
    [
      'two kinds of authorization',
      `scrape_configs: [{ job_name: a, basic_auth: {}, authorization: {}, ${TARGETS} }]`,
      /are mutually exclusive/,
    ],
  ]
  for (const [title, yaml, message] of refused) {
    it(`refuses ${title}`, () => assert.match(problemsOf(yaml), message))
  }

  it('reports all problems at once', () => {
    const problems = problemsOf('scrape_configs: [{ scheme: ftp, honor_labels: 1, sample_limit: x }]')
    assert.equal(problems.split('\n').length, 5)
  })
})

describe('scrapeTargets', () => {
  const target = (yaml: string) => scrapeTargets(parseScrapeConfig(`scrape_configs: [{ job_name: j, ${yaml} }]`, 'x'))

  it('uses labels that start with __ only as discovered labels', () => {
    const [found] = target("static_configs: [{ targets: ['h:1'], labels: { app: a, __meta_kubernetes_pod_name: p } }]")
    assert.deepEqual(Object.fromEntries(found?.labels ?? []), { job: 'j', instance: 'h:1', app: 'a' })
    assert.equal(found?.discoveredLabels.get('__meta_kubernetes_pod_name'), 'p')
    assert.equal(found?.discoveredLabels.get('__address__'), 'h:1')
    assert.equal(found?.url, 'http://h:1/metrics')
  })

  it('lets labels override job, instance, path, scheme and parameters', () => {
    const [found] = target(
      "params: { a: ['1'] }, static_configs: [{ targets: ['h'], labels: { job: other, instance: me, __metrics_path__: /m, __scheme__: https, __param_b: '2' } }]",
    )
    assert.deepEqual(Object.fromEntries(found?.labels ?? []), { job: 'other', instance: 'me' })
    assert.equal(found?.url, 'https://h/m?a=1&b=2')
  })

  it('sends all values of a parameter, the first of which a label replaces', () => {
    const params = "params: { a: ['1', '2'], b: ['3', '4'] }"
    const [found] = target(`${params}, static_configs: [{ targets: ['h:1'], labels: { __param_b: '5' } }]`)
    assert.equal(found?.url, 'http://h:1/metrics?a=1&a=2&b=5&b=4')
    assert.equal(found?.discoveredLabels.get('__param_a'), '1')
  })

  it('adds the scheme’s port to the instance', () => {
    assert.equal(target("static_configs: [{ targets: ['h'] }]")[0]?.labels.get('instance'), 'h:80')
    assert.equal(
      target("scheme: https, static_configs: [{ targets: ['[::1]'] }]")[0]?.labels.get('instance'),
      '[::1]:443',
    )
  })

  it('removes duplicates', () => {
    assert.equal(target("static_configs: [{ targets: ['h:1', 'h:1'] }, { targets: ['h:1'] }]").length, 1)
  })
})
