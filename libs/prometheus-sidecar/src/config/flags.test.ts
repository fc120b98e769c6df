import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { optionsMarkdown } from '@node-to-cloud/command-line'
import { parseConfigFile } from './config-file.ts'
import { type Flags, parseFlags } from './flags.ts'
import { findIdentity } from './identity.ts'
import { PROGRAM } from './program.ts'

function flags(...args: string[]): Flags {
  const parsed = parseFlags(args, {})
  assert.ok(!('kind' in parsed))
  return parsed
}

describe('parseFlags', () => {
  it('accepts a manifest of Google’s sidecar', () => {
    const parsed = flags(
      '--stackdriver.project-id=p',
      '--prometheus.wal-directory=/data/wal',
      '--stackdriver.kubernetes.location=l',
      '--stackdriver.kubernetes.cluster-name=c',
      "--include={job=~'kubernetes-pods'}",
      '--include=up',
      '--log.level',
      'debug',
    )
    assert.deepEqual(parsed.ignored, ['--prometheus.wal-directory'])
    assert.deepEqual(
      parsed.include.map(({ text }) => text),
      ["{job=~'kubernetes-pods'}", 'up'],
    )
    assert.equal(parsed.minSamplingPeriodMs, 5000)
    assert.deepEqual(parsed.listen, { host: '127.0.0.1', port: 9091 })
    assert.deepEqual(parsed.apiAddress, { host: 'monitoring.googleapis.com', port: 443, authenticated: true })
  })

  it('parses addresses', () => {
    assert.deepEqual(flags('--stackdriver.api-address=http://127.0.0.1:8086/?auth=false').apiAddress, {
      host: '127.0.0.1',
      port: 8086,
      authenticated: false,
    })
    assert.deepEqual(flags('--web.listen-address=:80').listen, { host: '0.0.0.0', port: 80 })
    assert.deepEqual(flags('--web.listen-address=[::1]:80').listen, { host: '::1', port: 80 })
    assert.equal(flags('--prometheus.api-address=https://h/prefix').prometheus.url.href, 'https://h/prefix/')
  })

  it('accepts the ID of a project with or without a domain, its number, and an empty one', () => {
    for (const id of ['my-project-1', 'example.com:my-project', '123456789012', '']) {
      assert.equal(flags(`--stackdriver.project-id=${id}`).projectId, id)
    }
  })

  it('parses a resource for series without a target', () => {
    assert.deepEqual(flags('--resource.targetless=k8s_cluster{project_id=p,location=l}').targetlessResource, {
      type: 'k8s_cluster',
      labels: new Map([
        ['project_id', 'p'],
        ['location', 'l'],
      ]),
    })
  })

  it('accepts --stackdriver.use-gke-resource', () => {
    assert.equal(flags().useGkeResource, false)
    assert.equal(flags('--stackdriver.use-gke-resource').useGkeResource, true)
  })

  it('parses intervals of series, and a format with its prefix', () => {
    const { intervals, metricsFormat, metricsPrefix } = flags('--interval={a="b=c"}=1m', '--interval=up=10s')
    assert.deepEqual(
      intervals.map(({ selector, periodMs }) => [selector.text, periodMs]),
      [
        ['{a="b=c"}', 60_000],
        ['up', 10_000],
      ],
    )
    assert.deepEqual([metricsFormat, metricsPrefix], ['external', 'external.googleapis.com/prometheus'])
    assert.equal(flags('--stackdriver.metrics-format=gmp').metricsPrefix, 'prometheus.googleapis.com')
    assert.equal(
      flags('--stackdriver.metrics-format=gmp', '--stackdriver.metrics-prefix=x.test').metricsPrefix,
      'x.test',
    )
    for (const bad of ['up', 'up=', 'up=0', 'up=x', '=1m', '{}=1m']) {
      assert.throws(() => flags(`--interval=${bad}`), /--interval/, bad)
    }
  })

  it('joins the deprecated --filter into one selector', () => {
    assert.deepEqual(
      flags('--filter=a="b"', '--filter=c!="d"').include.map(({ text }) => text),
      ['{a="b",c!="d"}'],
    )
  })

  it('reads the project from the environment', () => {
    const parsed = parseFlags([], { GOOGLE_CLOUD_PROJECT: 'env-p' })
    assert.equal('projectId' in parsed && parsed.projectId, 'env-p')
  })

  const refused: readonly [args: string[], message: RegExp][] = [
    [['--unknown'], /--unknown is not an option of prometheus-sidecar/],
    [['positional'], /takes no arguments; "positional" can't be used/],
    [
      ['--stackdriver.min-sampling-period=5'],
      /--stackdriver.min-sampling-period "5" can't be used; it must be a duration/,
    ],
    [['--shutdown.grace=16s'], /--shutdown.grace "16s" can't be used; it must be a duration of at most 15s/],
    [['--web.listen-address=nowhere'], /--web.listen-address "nowhere" can't be used/],
    [['--web.listen-address=:99999'], /--web.listen-address/],
    [['--web.allowed-host=http://h'], /--web.allowed-host "http:\/\/h" can't be used; it must be a host name/],
    [
      ['--stackdriver.project-id=projects/p'],
      /--stackdriver.project-id "projects\/p" can't be used; it must be a project/,
    ],
    [['--stackdriver.project-id=my project'], /must be a project/],
    [
      ['--stackdriver.kubernetes.location=projects/1/zones/us-central1-a'],
      /--stackdriver.kubernetes.location "projects\/1\/zones\/us-central1-a" can't be used; it must be a zone, a region or global/,
    ],
    [
      ['--stackdriver.generic.location=Hall 3'],
      /--stackdriver.generic.location "Hall 3" can't be used; it must be a zone/,
    ],
    [
      [`--stackdriver.kubernetes.cluster-name=${'x'.repeat(1025)}`],
      /--stackdriver.kubernetes.cluster-name .* it must be 0 to 1024 characters long/,
    ],
    [
      [`--stackdriver.generic.namespace=${'x'.repeat(1025)}`],
      /--stackdriver.generic.namespace .* it must be 0 to 1024 characters long/,
    ],
    [
      ['--resource.targetless=k8s_cluster{project_id=p,location=Hall 3,cluster_name=c}'],
      /--resource.targetless .* can't be used; location is "Hall 3"; it must be a zone/,
    ],
    [['--log.level=loud'], /one of debug, info, warn, error/],
    [['--include={}'], /--include "\{\}" can't be used; selector "\{\}"/],
    [['--series.max=0'], /a whole number from 1/],
    [['--prometheus.api-address=ftp://h'], /a URL that begins with http/],
    [['--prometheus.api-address=http://u:p@h/'], /must not contain a password/],
    [['--prometheus.api-address=http://h/?a=b'], /must have no query/],
    [['--prometheus.api-address=http://h/#a'], /must have no query and no fragment/],
    [['--stackdriver.api-address=ftp://h/'], /--stackdriver.api-address "ftp:\/\/h\/" can't be used/],
    [[`--stackdriver.metrics-prefix=a.b/${'x'.repeat(150)}`], /of at most 150 characters/],
    [['--resource.targetless=global{a=b,a=c}'], /must be a resource such as/],
    [['--include={a=~"(?=b)"}'], /1:2: parse error: error parsing regexp: invalid or unsupported Perl syntax/],
    [['--filter=a=~"("'], /--filter can't be used; .*error parsing regexp: missing closing/],
    [['--prometheus.username=u'], /must be given together/],
    [['--resource.targetless=x{y}'], /must be a resource such as/],
    [['--stackdriver.metrics-prefix=a b'], /must be a domain/],
    [['--stackdriver.store-in-files-directory=/x'], /is not supported/],
    [['--stackdriver.use-restricted-ips'], /is not supported/],
    [['--log.level=loud', '--series.max=x'], /2 problems/],
  ]
  for (const [args, message] of refused) {
    it(`refuses ${args.join(' ')}`, () => assert.throws(() => parseFlags(args, {}), { message, exitCode: 2 }))
  }

  it('prints help with every flag, and the version', () => {
    const help = parseFlags(['--help'], {})
    assert.deepEqual(parseFlags(['-h'], {}), help)
    assert.deepEqual(parseFlags(['--version'], {}), { kind: 'information', text: `${PROGRAM.version}\n` })
    const text = 'text' in help ? help.text : ''
    for (const name of ['--scrape.config FILE', '--state-file FILE', '--stackdriver.min-sampling-period DURATION']) {
      assert.ok(text.includes(name))
    }
  })
})

it('the README has every flag with its default and unit', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const table = readme.split('<!-- flags -->\n')[1]
  assert.equal(
    table,
    optionsMarkdown(PROGRAM.options),
    'put the output of optionsMarkdown between the marks in README.md',
  )
})

describe('parseConfigFile', () => {
  it('parses renames and static metadata', () => {
    const { config, problems } = parseConfigFile(`
metric_renames: [{ from: a:b, to: ab }]
static_metadata:
  - { metric: ab, type: gauge, value_type: INT64, help: x }
  - { metric: c, type: untyped }
`)
    assert.deepEqual(problems, [])
    assert.deepEqual([...config.metricRenames], [['a:b', 'ab']])
    assert.deepEqual(
      [...config.staticMetadata],
      [
        ['ab', { type: 'gauge', valueType: 'INT64' }],
        ['c', { type: 'unknown', valueType: 'DOUBLE' }],
      ],
    )
  })

  it('accepts an empty file', () => assert.deepEqual(parseConfigFile('').problems, []))

  const refused: readonly [yaml: string, problem: RegExp][] = [
    ['a: 1', /a: is unknown/],
    ['- a', /must be a map/],
    ['a: [', /./],
    ['a: *nowhere', /nowhere/],
    [
      'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]',
      /[Aa]lias/,
    ],
    ['aggregated_counters: []', /is not supported/],
    ['metric_renames: x', /metric_renames: must be a list/],
    ['metric_renames: [{ from: a }]', /metric_renames\[0\]: needs from and to/],
    ['metric_renames: [{ from: a, to: b }, { from: a, to: c }]', /"a" is renamed twice/],
    ['metric_renames: [{ from: a, to: b, too: c }]', /metric_renames\[0\]\.too: is unknown; from and to are allowed/],
    [
      'static_metadata: [{ metric: a, type: gauge, valuetype: int64 }]',
      /static_metadata\[0\]\.valuetype: is unknown; metric, type, value_type and help are allowed/,
    ],
    ['static_metadata: [{ type: gauge }]', /static_metadata\[0\]\.metric: is missing/],
    ['static_metadata: [{ metric: a, type: x }]', /type: "x"; must be one of counter/],
    ['static_metadata: [{ metric: a, type: gauge, value_type: bool }]', /value_type: "bool"; must be double or int64/],
  ]
  for (const [yaml, problem] of refused) {
    it(`reports the problem with ${yaml}`, () => assert.match(parseConfigFile(yaml).problems.join('\n'), problem))
  }
})

describe('findIdentity', () => {
  const none = { metadata: async () => undefined, credentialsProject: async () => undefined }
  const gce = {
    ...none,
    metadata: async () => async (path: string) =>
      ({
        'project/project-id': 'gp',
        'instance/attributes/cluster-location': 'gl',
        'instance/attributes/cluster-name': 'gc',
      })[path],
  }

  it('prefers flags to the metadata server', async () => {
    const given = flags('--stackdriver.project-id=p', '--stackdriver.kubernetes.location=l')
    assert.deepEqual(await findIdentity(given, gce), {
      projectId: 'p',
      kubernetesLocation: 'l',
      kubernetesClusterName: 'gc',
    })
    assert.deepEqual(await findIdentity(flags(), gce), {
      projectId: 'gp',
      kubernetesLocation: 'gl',
      kubernetesClusterName: 'gc',
    })
  })

  it('falls back to the project of the credentials', async () => {
    const identity = await findIdentity(flags(), { ...none, credentialsProject: async () => 'cp' })
    assert.deepEqual(identity, { projectId: 'cp', kubernetesLocation: '', kubernetesClusterName: '' })
  })

  it('makes no requests if the flags are complete', async () => {
    const given = flags(
      '--stackdriver.project-id=p',
      '--stackdriver.kubernetes.location=l',
      '--stackdriver.kubernetes.cluster-name=c',
    )
    const never = async () => assert.fail('asked')
    await findIdentity(given, { metadata: never, credentialsProject: never })
  })

  it('explains what to do if the project is unknown', async () => {
    await assert.rejects(findIdentity(flags(), none), {
      exitCode: 2,
      message: /set --stackdriver.project-id or GOOGLE_CLOUD_PROJECT/,
    })
  })
})
