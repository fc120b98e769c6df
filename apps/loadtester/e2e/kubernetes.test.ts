import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Kubectl } from '../src/kubernetes/kubectl.ts'
import type { RunSummary } from '../src/report/run-summary.ts'
import { LoadProcess } from '../test/testing/load-process.ts'

/**
 * On a real cluster, in a namespace of its own: LOADTESTER_CONTEXT names kubectl's context, LOADTESTER_IMAGE an image that
 * the cluster has or can pull, and LOADTESTER_TARGET_IMAGE one of an HTTP server on port 8080 (default: that of flask-app).
 */

const context = process.env.LOADTESTER_CONTEXT
const image = process.env.LOADTESTER_IMAGE ?? 'loadtester'
const targetImage = process.env.LOADTESTER_TARGET_IMAGE ?? 'flask-app'
const namespace = `loadtester-e2e-${process.pid}`

describe('loadtester k8s on a cluster', {
  skip: context === undefined && 'LOADTESTER_CONTEXT names no cluster',
}, () => {
  let folder = ''
  const kubectl = new Kubectl({ context, namespace })
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-cluster-'))
    await kubectl.call(['create', 'namespace', namespace])
    await kubectl.call(['create', 'deployment', 'target', `--image=${targetImage}`, '--port=8080'])
    const env = ['HOST=0.0.0.0', 'PORT=8080', 'OTEL_TRACES_EXPORTER=none']
    await kubectl.call(['set', 'env', 'deployment/target', ...env])
    await kubectl.call(['expose', 'deployment', 'target', '--port=80', '--target-port=8080'])
    await kubectl.call(['rollout', 'status', 'deployment/target', '--timeout=180s'])
    await writeFile(join(folder, 'ids.csv'), Array.from({ length: 60 }, (_, id) => `${id}\n`).join(''))
    await writeFile(
      join(folder, 'shop.yml'),
      `config:
  target: http://target
  phases: [{ duration: 3, arrivalCount: 60 }]
  payload: { path: ids.csv, fields: [id], order: sequence }
scenarios:
  - flow: [{ get: { url: "/?id={{ id }}" } }]
`,
    )
  })
  after(async () => {
    await kubectl.call(['delete', 'namespace', namespace, '--wait=false'])
    await rm(folder, { recursive: true })
  })

  const run = (...options: readonly string[]): LoadProcess => {
    const where = ['--context', context ?? '', '--namespace', namespace, '--image', image]
    const size = ['--workers', '2', '--cpu', '200m', '--memory', '512Mi']
    const environment = process.env.KUBECONFIG === undefined ? {} : { KUBECONFIG: process.env.KUBECONFIG }
    return new LoadProcess(['k8s', join(folder, 'shop.yml'), ...where, ...size, ...options], environment)
  }

  it('brings the results of two workers back, and leaves nothing', async () => {
    const child = run('--json')
    assert.equal(await child.exited(), 0, child.stderr)
    const { arrivals, skipped, planned, workers } = JSON.parse(child.stdout) as RunSummary
    assert.deepEqual([planned, arrivals + skipped, workers.length], [60, 60, 2])
    assert.equal((await kubectl.call(['get', 'job,pod,secret', '--selector', 'app.kubernetes.io/instance'])).trim(), '')
  })

  it('fails the Job if a bound is missed', async () => {
    await writeFile(
      join(folder, 'shop.yml'),
      `config: { target: "http://target", ensure: { thresholds: [{ http.requests: 1 }] }, phases: [{ duration: 2, arrivalCount: 4 }] }\nscenarios: [{ flow: [{ get: { url: / } }] }]\n`,
    )
    const child = run('--keep')
    assert.equal(await child.exited(), 1, child.stderr)
    await kubectl.call(['wait', 'job', '--for=condition=Failed', '--all', '--timeout=60s']).catch(() => '')
    const failed = await kubectl.call(['get', 'jobs', '--output=jsonpath={.items[*].status.failed}'])
    assert.match(failed, /1/)
  })
})
