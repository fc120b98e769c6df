import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishedManifest } from './published-manifest.ts'

const MANIFEST = {
  name: '@node-to-cloud/telemetry',
  version: '1.2.3',
  license: 'Apache-2.0',
  exports: {
    '.': { '@node-to-cloud/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
    './launch': './launch.js',
    './testing': { '@node-to-cloud/source': './test/testing/service-process.ts' },
  },
  scripts: { prepack: 'tsc -b' },
  dependencies: { fastify: '^5.0.0' },
  devDependencies: { autocannon: '9.0.0' },
  nx: { name: 'telemetry' },
}

const PUBLISHED = {
  name: '@node-to-cloud/telemetry',
  version: '1.2.3',
  license: 'Apache-2.0',
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './launch': './launch.js' },
  dependencies: { fastify: '^5.0.0' },
}

test('a published manifest has nothing that serves the repository alone', () => {
  assert.deepEqual(publishedManifest(MANIFEST, 'libs/telemetry', ''), PUBLISHED)
})

test('it names the repository once there is one', () => {
  const url = 'git+https://git.example/node-to-cloud.git'
  assert.deepEqual(publishedManifest(MANIFEST, 'libs/telemetry', url), {
    ...PUBLISHED,
    repository: { type: 'git', url, directory: 'libs/telemetry' },
  })
})
