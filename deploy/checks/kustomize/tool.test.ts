import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findKustomize, KustomizeUnavailableError, refusalOf, versionOf } from './tool.ts'

test('reads the version that kubectl and kustomize print', () => {
  assert.equal(
    versionOf('{\n "clientVersion": {\n "gitVersion": "v1.32.4-dispatcher"}, "kustomizeVersion": "v5.5.0"}'),
    '1.32.4',
  )
  assert.equal(versionOf('{"clientVersion":{"major":"1","gitVersion":"v1.20.2"}}'), '1.20.2')
  assert.equal(versionOf('v5.7.1\n'), '5.7.1')
  assert.equal(versionOf('{Version:kustomize/v4.1.0 GitCommit:abc}'), '4.1.0')
  assert.equal(versionOf('unknown'), undefined)
})

test('refuses a version without components or replacements', () => {
  for (const [name, version, refused] of [
    ['kubectl', '1.20.2', true],
    ['kubectl', '1.21.14', true],
    ['kubectl', '1.22.0', false],
    ['kubectl', '2.0.0', false],
    ['kustomize', '3.9.0', true],
    ['kustomize', '4.1.3', true],
    ['kustomize', '4.2.0', false],
    ['kustomize', '5.7.1', false],
  ] as const) {
    const reason = refusalOf(name, version)
    if (refused) assert.match(reason ?? '', new RegExp(`^${name} ${version} does not support .*components`))
    else assert.equal(reason, undefined, `${name} ${version}`)
  }
  assert.equal(refusalOf('kubectl', undefined), 'kubectl does not report its version')
})

test('the error says what to install when both are missing', () => {
  assert.throws(
    () => findKustomize({ KUBECTL: '/nonexistent/kubectl', KUSTOMIZE: '/nonexistent/kustomize' }),
    (error) => error instanceof KustomizeUnavailableError && /install kubectl 1\.22 or later/.test(error.message),
  )
})
