import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { deployDir, rootDir } from '../src/repository.ts'
import type { V1Deployment, V1PodDisruptionBudget } from './kubernetes-types.ts'
import { buildKustomization } from './kustomize/build.ts'
import { kustomizeOrReason } from './kustomize/tool.ts'
import { isKind, isWorkload, type Manifest, nameOf, parseManifests, podLabelsOf } from './manifest.ts'
import { checkRules } from './rules/check.ts'
import { selects } from './rules/rule.ts'
import { checkSchemas } from './schema/check.ts'

const tool = kustomizeOrReason()
const skip = typeof tool === 'string' ? tool : false

/** What `loadtester k8s --dry-run` prints is held against Kubernetes' schemas and the rules of this folder. */
describe('loadtester k8s --dry-run', () => {
  let manifests: readonly Manifest[] = []
  before(async () => {
    const launcher = join(rootDir, 'apps/loadtester/bin/loadtester.js')
    const script = join(rootDir, 'apps/loadtester/scripts/default.yml')
    const options = ['--target', 'http://flask-app-tutorial', '--rate', '20', '--duration', '1m', '--workers', '3']
    const { stdout } = await promisify(execFile)(process.execPath, [launcher, 'k8s', script, ...options, '--dry-run'])
    const { items } = JSON.parse(stdout) as { readonly items: readonly object[] }
    manifests = parseManifests(items.map((item) => JSON.stringify(item)).join('\n---\n'))
  })
  test('prints two Jobs and what they need', () => {
    assert.deepEqual(
      manifests.map(({ kind }) => kind),
      ['Job', 'ConfigMap', 'Secret', 'Service', 'Job'],
    )
  })
  test('fits the schemas', async () => assert.deepEqual(await checkSchemas(manifests), []))
  test('follows the rules, but for those of services: a test ends by itself, and its pods have no access to the API', () => {
    const problems = checkRules(manifests).filter(({ message }) => !/Probe$|ServiceAccount default/.test(message))
    assert.deepEqual(problems, [])
  })

  test('beside an installation, its pods count as none of that', { skip }, async () => {
    assert.ok(typeof tool !== 'string')
    const installed = await buildKustomization(tool, join(deployDir, 'overlays/local'))
    const counting = [
      ...installed.filter(isKind<V1Deployment>('Deployment')),
      ...installed.filter(isKind<V1PodDisruptionBudget>('PodDisruptionBudget')),
    ]
    for (const labels of manifests.filter(isWorkload).map(podLabelsOf)) {
      assert.deepEqual(counting.filter(({ spec }) => selects(spec?.selector?.matchLabels, labels)).map(nameOf), [])
    }
  })
})
