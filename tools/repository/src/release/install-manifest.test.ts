import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '../repository-root.ts'
import { IMAGES, withImages } from './install-manifest.ts'

test('images of this repository are named by registry and version, others stay', () => {
  const manifests =
    'spec:\n  containers:\n    - image: flask-app\n      name: a\n    - name: b\n      image: quay.io/prometheus/prometheus:v3\n'
  assert.equal(
    withImages(manifests, 'ghcr.io/some/name', '1.2.3'),
    manifests.replace('flask-app', 'ghcr.io/some/name/flask-app:1.2.3'),
  )
})

test('the images are those that have a Dockerfile', () => {
  const dockerfiles = globSync('{apps,libs}/*/Dockerfile', { cwd: repositoryRoot })
  assert.deepEqual([...IMAGES], dockerfiles.map((file) => basename(dirname(file))).sort())
})
