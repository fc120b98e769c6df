import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { deployDir } from '../src/repository.ts'
import { buildKustomization } from './kustomize/build.ts'
import { components, compositions, foldersUsedBy } from './kustomize/compositions.ts'
import { kustomizeOrReason } from './kustomize/tool.ts'
import { type Manifest, nameOf } from './manifest.ts'
import { checkRules } from './rules/check.ts'
import { checkSchemas } from './schema/check.ts'

const tool = kustomizeOrReason()
const skip = typeof tool === 'string' ? tool : false

test('every component is used by a composition in tests/', () => {
  const used = new Set<string>()
  for (const folder of compositions().filter((folder) => folder.startsWith('tests/'))) {
    for (const path of foldersUsedBy(join(deployDir, folder))) used.add(path)
  }
  const unused = components().filter((folder) => !used.has(join(deployDir, folder)))
  assert.deepEqual(unused, [])
  assert.ok(components().length >= 11, 'components were found')
})

for (const folder of compositions()) {
  describe(folder, { skip }, () => {
    let manifests: readonly Manifest[] = []
    before(async () => {
      if (typeof tool !== 'string') manifests = await buildKustomization(tool, join(deployDir, folder))
    })
    test('builds something', () => assert.ok(manifests.length > 0))
    test('has no object twice', () => {
      const names = manifests.map((m) => `${m.apiVersion} ${m.metadata.namespace ?? ''} ${nameOf(m)}`)
      assert.equal(new Set(names).size, names.length)
    })
    test('fits the schemas', async () => assert.deepEqual(await checkSchemas(manifests), []))
    test('follows the rules', () => assert.deepEqual(checkRules(manifests), []))
  })
}

describe('what users apply', { skip }, () => {
  const build = (folder: string) => {
    assert.ok(typeof tool !== 'string')
    return buildKustomization(tool, join(deployDir, folder))
  }
  const projects = ['flask-app', 'custom-metrics-example', 'loadtester', 'monitoring']

  for (const environment of ['gke', 'local']) {
    test(`overlays/${environment} is the sum of its projects, and each can be applied alone`, async () => {
      const whole = await build(`overlays/${environment}`)
      const parts = await Promise.all(projects.map((project) => build(`overlays/${environment}/${project}`)))
      assert.deepEqual(whole.map(nameOf).sort(), parts.flat().map(nameOf).sort())
    })

    test(`overlays/${environment} has the original's objects under their names`, async () => {
      const names = (await build(`overlays/${environment}`)).map(nameOf)
      for (const name of [
        'Deployment/flask-app-tutorial',
        'Service/flask-app-tutorial',
        'Deployment/custom-metrics-example',
        'Deployment/loadtester-master',
        'Deployment/loadtester-worker',
        'Service/loadtester-master',
        ...['Deployment', 'Service', 'ServiceAccount', 'ConfigMap', 'Role', 'RoleBinding'].map(
          (kind) => `${kind}/prometheus-k8s`,
        ),
      ]) {
        assert.ok(names.includes(name), `${name} in ${names.join(', ')}`)
      }
    })
  }

  test('objects name no namespace, so that kubectl apply -n decides, and none but Datadog’s is cluster-wide', async () => {
    for (const folder of compositions().filter((name) => !name.includes('datadog'))) {
      for (const manifest of await build(folder)) {
        assert.equal(manifest.metadata.namespace, undefined, `${folder} ${nameOf(manifest)}`)
        assert.doesNotMatch(manifest.kind, /^Cluster/, folder)
      }
    }
  })

  test('overlays/local does not refer to Google Cloud, nor overlays/gke to the emulator', async () => {
    assert.doesNotMatch(JSON.stringify(await build('overlays/local')), /googleapis\.com:443|telemetry\.googleapis/)
    assert.doesNotMatch(JSON.stringify(await build('overlays/gke')), /cloud-emulator/)
  })

  test('gmp leaves no Prometheus', async () => {
    assert.doesNotMatch(JSON.stringify((await build('tests/gmp')).map(nameOf)), /prometheus-k8s/)
  })
})
