import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '../repository-root.ts'
import { IMAGES, parseImages, withImages } from './install-manifest.ts'

test('images of this repository are named by registry and version, others stay', () => {
  const manifests =
    'spec:\n  containers:\n    - image: flask-app\n      name: a\n    - name: b\n      image: quay.io/prometheus/prometheus:v3\n'
  assert.equal(
    withImages(manifests, (name) => `ghcr.io/some/name/${name}:1.2.3`),
    manifests.replace('flask-app', 'ghcr.io/some/name/flask-app:1.2.3'),
  )
})

test('the images are those that have a Dockerfile', () => {
  const dockerfiles = globSync('{apps,libs}/*/Dockerfile', { cwd: repositoryRoot })
  assert.deepEqual([...IMAGES], dockerfiles.map((file) => basename(dirname(file))).sort())
})

test('images are given by digest, each of them', () => {
  const digest = `sha256:${'0a'.repeat(32)}`
  const all = IMAGES.map((name) => `${name}=ghcr.io/some/name/${name}:1.2.3@${digest}`)
  assert.equal(parseImages(all).get('flask-app'), `ghcr.io/some/name/flask-app:1.2.3@${digest}`)
  for (const [values, problem] of [
    [all.slice(1), /cloud-emulator must be given too/],
    [['flask=a'], /"flask=a" must begin with an image/],
    [['flask-app=a:1'], /"flask-app=a:1" must end with a digest/],
    [['flask-app'], /must end with a digest/],
  ] as const) {
    assert.throws(() => parseImages(values), problem)
  }
})
