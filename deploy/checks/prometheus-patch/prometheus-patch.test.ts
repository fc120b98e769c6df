import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { deployDir } from '../../src/repository.ts'
import type { V1ConfigMap } from '../kubernetes-types.ts'
import { buildKustomization } from '../kustomize/build.ts'
import { isKind, type Manifest, parseManifests } from '../manifest.ts'
import { checkRules } from '../rules/check.ts'
import { checkSchemas } from '../schema/check.ts'

const script = join(deployDir, 'prometheus_patch.sh')
const variables = {
  GCP_PROJECT: 'demo-project',
  GCP_REGION: 'us-central1',
  KUBE_CLUSTER: 'demo',
  KUBE_NAMESPACE: 'default',
  SIDECAR_IMAGE_TAG: '0.1.0',
}
const realKubectl = kubectlPath()

describe('prometheus_patch.sh validates its input', () => {
  const bare = { PATH: process.env.PATH ?? '', ENV_FILE: '/nonexistent' }
  const cases: [name: string, args: string[], env: Record<string, string>, expected: RegExp][] = [
    ['nothing set', [], {}, /GCP_PROJECT="".*GCP_REGION="".*KUBE_CLUSTER="".*KUBE_NAMESPACE="".*SIDECAR_IMAGE_TAG=""/s],
    ['a bad project', [], { ...variables, GCP_PROJECT: 'A B' }, /GCP_PROJECT="A B": must be a project id/],
    ['a bad region', [], { ...variables, GCP_REGION: 'here' }, /GCP_REGION="here": must be a region or zone/],
    ['a bad cluster', [], { ...variables, KUBE_CLUSTER: 'x;y' }, /KUBE_CLUSTER="x;y"/],
    ['a bad namespace', [], { ...variables, KUBE_NAMESPACE: '--all' }, /KUBE_NAMESPACE="--all"/],
    ['the tag latest', [], { ...variables, SIDECAR_IMAGE_TAG: 'latest' }, /"latest": must be an exact version/],
    [
      'an image with a tag',
      [],
      { ...variables, SIDECAR_IMAGE: 'localhost:5000/prometheus-sidecar:1' },
      /SIDECAR_IMAGE="localhost:5000\/prometheus-sidecar:1": must be an image name without a tag/,
    ],
    [
      'our image for Google’s sidecar',
      ['--sidecar', 'stackdriver'],
      { ...variables, SIDECAR_IMAGE: 'registry.example/p/prometheus-sidecar' },
      /SIDECAR_IMAGE="registry.example\/p\/prometheus-sidecar": is the one of --sidecar ours; leave it empty/,
    ],
    [
      'Google’s image for our sidecar',
      [],
      { ...variables, SIDECAR_IMAGE: 'registry.example/p/stackdriver-prometheus-sidecar' },
      /stackdriver-prometheus-sidecar": is the one of --sidecar stackdriver; leave it empty/,
    ],
    ['another sidecar', ['--sidecar', 'both'], variables, /--sidecar "both": must be ours or stackdriver/],
    ['an unknown option', ['--force'], variables, /unknown option "--force"; see --help/],
    ['an option without its value', ['--sidecar'], variables, /--sidecar needs a value/],
    ['a bad duration', ['--timeout', 'long'], variables, /--timeout "long": must be a duration/],
  ]
  for (const [name, args, env, expected] of cases) {
    test(`${name}: exits with 2 and a message that names it`, () => {
      const { status, stderr } = spawnSync('bash', [script, ...args], { env: { ...bare, ...env }, encoding: 'utf8' })
      assert.match(stderr, expected)
      assert.equal(status, 2)
    })
  }

  test('--help lists the variables', () => {
    const { status, stdout } = spawnSync('bash', [script, '--help'], { env: bare, encoding: 'utf8' })
    assert.equal(status, 0)
    for (const name of Object.keys(variables)) assert.match(stdout, new RegExp(name))
  })

  test('says so when kubectl is missing', () => {
    const bin = mkdtempSync(join(tmpdir(), 'no-kubectl-'))
    try {
      for (const name of ['bash', 'dirname', 'cat']) copyFileSync(which(name), join(bin, name))
      const { status, stderr } = spawnSync(join(bin, 'bash'), [script], {
        env: { ...bare, ...variables, PATH: bin },
        encoding: 'utf8',
      })
      assert.match(stderr, /kubectl is not installed/)
      assert.equal(status, 1)
    } finally {
      rmSync(bin, { recursive: true })
    }
  })

  test('.env.example has exactly the variables that the script reads', () => {
    const names = [...readFileSync(join(deployDir, '.env.example'), 'utf8').matchAll(/^export (\w+)=/gm)].map(
      ([, n]) => n,
    )
    assert.deepEqual(names, [...Object.keys(variables), 'SIDECAR_IMAGE'])
  })
})

describe('prometheus_patch.sh on a cluster', { skip: realKubectl === undefined && 'kubectl is not installed' }, () => {
  let cluster = ''
  let original: readonly Manifest[] = []
  beforeEach(async () => {
    cluster = mkdtempSync(join(tmpdir(), 'prometheus-patch-'))
    copyFileSync(join(import.meta.dirname, 'kubectl-on-files.sh'), join(cluster, 'kubectl'))
    const tool = { command: realKubectl ?? 'kubectl', args: ['kustomize'], version: '' }
    original = await buildKustomization(tool, join(deployDir, 'base/monitoring'))
    for (const kind of ['Deployment', 'ConfigMap']) {
      const object = original.find((manifest) => manifest.kind === kind)
      writeFileSync(join(cluster, `${kind.toLowerCase()}.yaml`), stringify(object))
    }
  })
  afterEach(() => rmSync(cluster, { recursive: true }))

  const run = (args: string[] = [], env: Record<string, string> = {}) => {
    const result = spawnSync('bash', [script, ...args], {
      env: {
        PATH: `${cluster}:${process.env.PATH}`,
        ENV_FILE: '/nonexistent',
        REAL_KUBECTL: realKubectl ?? '',
        CLUSTER_DIR: cluster,
        ...variables,
        ...env,
      },
      encoding: 'utf8',
    })
    return { ...result, calls: readFileSync(join(cluster, 'calls.log'), 'utf8') }
  }
  const objectOf = (file: string) => readFileSync(join(cluster, file), 'utf8')
  /** The objects now in the cluster: the original ones, with the patched ones in their place. */
  const onCluster = () => {
    const patched = parseManifests(
      ['deployment.yaml', 'configmap.yaml', 'applied.yaml']
        .map((file) =>
          objectOf(file)
            .replace(/^\s*creationTimestamp: null\n/gm, '')
            .replace(/^status: {}\n/m, ''),
        )
        .join('---\n'),
    )
    const kept = original.filter(({ kind }) => !['Deployment', 'ConfigMap'].includes(kind))
    return [...kept, ...patched]
  }
  const prometheusYml = () => {
    const map = onCluster()
      .filter(isKind<V1ConfigMap>('ConfigMap'))
      .find(({ metadata }) => metadata.name === 'prometheus-k8s')
    return map?.data?.['prometheus.yml'] ?? ''
  }

  test('ours: adds the container, the destination and remote_write, and the result follows every rule', async () => {
    const { status, stderr, calls } = run([], { SIDECAR_IMAGE: 'registry.example/p/prometheus-sidecar' })
    assert.equal(status, 0, stderr)
    assert.match(calls, /rollout status deployment prometheus-k8s --timeout=10m/)
    assert.match(objectOf('deployment.yaml'), /image: registry.example\/p\/prometheus-sidecar:0.1.0/)
    assert.match(objectOf('applied.yaml'), /GCP_PROJECT: demo-project/)
    const config = parse(prometheusYml())
    assert.equal(config.remote_write[0].url, 'http://127.0.0.1:9091/api/v1/write')
    assert.equal(config.scrape_configs[0].job_name, 'kubernetes-pods')
    assert.deepEqual(await checkSchemas(onCluster()), [])
    assert.deepEqual(checkRules(onCluster()), [])
  })

  test('a second run changes nothing', () => {
    assert.equal(run().status, 0)
    const before = [objectOf('deployment.yaml'), prometheusYml()]
    const { status, stdout, calls } = run()
    assert.equal(status, 0)
    assert.match(stdout, /deployment\/prometheus-k8s patched \(no change\)/)
    assert.deepEqual([objectOf('deployment.yaml'), prometheusYml()], before)
    assert.equal(calls.match(/^patch configmap/gm)?.length, 1)
    assert.doesNotMatch(calls, /rollout restart/)
  })

  test('replaces a remote_write of an earlier run that differs', () => {
    assert.equal(run().status, 0)
    const changed = objectOf('configmap.yaml').replace('batch_send_deadline: 5s', 'batch_send_deadline: 9s')
    assert.notEqual(changed, objectOf('configmap.yaml'))
    writeFileSync(join(cluster, 'configmap.yaml'), changed)
    const { status, calls } = run()
    assert.equal(status, 0)
    assert.equal(parse(prometheusYml()).remote_write[0].queue_config.batch_send_deadline, '5s')
    assert.equal(prometheusYml().match(/^remote_write:/gm)?.length, 1)
    assert.match(calls, /rollout restart deployment prometheus-k8s/)
  })

  test('restarts the pod for another destination, which its containers read only when they start', () => {
    assert.equal(run().status, 0)
    const { status, calls } = run([], { GCP_PROJECT: 'other-project' })
    assert.equal(status, 0)
    assert.match(objectOf('applied.yaml'), /GCP_PROJECT: other-project/)
    assert.match(calls, /rollout restart deployment prometheus-k8s/)
  })

  test("stackdriver: adds Google's container, which reads the WAL, and no remote_write", async () => {
    const { status, stderr } = run(['--sidecar', 'stackdriver'], { SIDECAR_IMAGE_TAG: '0.10.2' })
    assert.equal(status, 0, stderr)
    assert.match(objectOf('deployment.yaml'), /gcr.io\/stackdriver-prometheus\/stackdriver-prometheus-sidecar:0.10.2/)
    assert.match(objectOf('deployment.yaml'), /--prometheus.wal-directory=\/data\/wal/)
    assert.doesNotMatch(prometheusYml(), /remote_write/)
    assert.deepEqual(await checkSchemas(onCluster()), [])
    assert.deepEqual(checkRules(onCluster()), [])
  })

  test('refuses to add a second sidecar', () => {
    assert.equal(run().status, 0)
    const { status, stderr } = run(['--sidecar', 'stackdriver'])
    assert.equal(status, 1)
    assert.match(stderr, /already has the container "prometheus-sidecar": two writers/)
  })

  test('leaves a remote_write that it did not add alone', () => {
    writeFileSync(
      join(cluster, 'configmap.yaml'),
      objectOf('configmap.yaml').replace('scrape_configs:', 'remote_write: []\n    scrape_configs:'),
    )
    const { status, stderr } = run()
    assert.equal(status, 1)
    assert.match(stderr, /already has a remote_write/)
  })

  test('--dry-run prints the changes without making them', () => {
    const before = [objectOf('deployment.yaml'), objectOf('configmap.yaml')]
    const { status, stdout, calls } = run(['--dry-run'])
    assert.equal(status, 0)
    assert.match(stdout, /GCP_PROJECT: demo-project/)
    assert.match(stdout, /remote_write:/)
    assert.match(stdout, /- name: prometheus-sidecar/)
    assert.deepEqual([objectOf('deployment.yaml'), objectOf('configmap.yaml')], before)
    assert.doesNotMatch(calls, /^(apply|patch|rollout)/m)
    assert.ok(!existsSync(join(cluster, 'applied.yaml')))
  })

  test('a rollout that does not finish is an error with a next step', () => {
    const { status, stderr } = run(['--timeout', '5s'], { ROLLOUT_EXIT: '1' })
    assert.equal(status, 1)
    assert.match(stderr, /did not finish in 5s: kubectl --namespace default describe pod/)
  })

  test('a missing Prometheus is an error that says where it looked', () => {
    rmSync(join(cluster, 'deployment.yaml'))
    const { status, stderr } = run([], { KUBE_NAMESPACE: 'elsewhere' })
    assert.equal(status, 1)
    assert.match(stderr, /no deployment\/prometheus-k8s in the namespace elsewhere/)
  })
})

function which(name: string): string {
  return execFileSync('bash', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
}

/** The path of kubectl. In CI a missing kubectl is an error. */
function kubectlPath(): string | undefined {
  try {
    return which(process.env.KUBECTL || 'kubectl')
  } catch (error) {
    if (process.env.CI === 'true') throw error
    return undefined
  }
}
