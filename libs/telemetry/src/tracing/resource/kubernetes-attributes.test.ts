import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { kubernetesAttributes } from './kubernetes-attributes.ts'

const namespaceFile = join(mkdtempSync(join(tmpdir(), 'kubernetes-')), 'namespace')
writeFileSync(namespaceFile, 'shop\n')
const POD = { KUBERNETES_SERVICE_HOST: '10.0.0.1' }

test('a pod knows its name, and its namespace if it has a service account', () => {
  assert.deepEqual(kubernetesAttributes(POD, namespaceFile), {
    'k8s.pod.name': hostname(),
    'k8s.namespace.name': 'shop',
  })
  assert.deepEqual(kubernetesAttributes(POD, '/nonexistent'), { 'k8s.pod.name': hostname() })
})

test('outside Kubernetes there are none', () => {
  assert.deepEqual(kubernetesAttributes({}, namespaceFile), {})
})
