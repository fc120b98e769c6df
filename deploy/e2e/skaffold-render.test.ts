import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { rootDir } from '../src/repository.ts'
import { readSkaffoldModules } from '../src/skaffold/configuration.ts'

const skip = spawnSync('skaffold', ['version']).status !== 0 && 'skaffold is not installed'

for (const { metadata, profiles } of readSkaffoldModules()) {
  for (const profile of [undefined, ...profiles.map(({ name }) => name)]) {
    test(`skaffold renders ${metadata.name}${profile ? ` with ${profile}` : ''}`, { skip }, () => {
      const options = [
        '--filename=skaffold.yaml',
        `--module=${metadata.name}`,
        '--digest-source=none',
        '--offline=true',
      ]
      const args = ['render', ...options, ...(profile ? [`--profile=${profile}`] : [])]
      const { status, stdout, stderr } = spawnSync('skaffold', args, {
        cwd: rootDir,
        encoding: 'utf8',
        timeout: 120_000,
      })
      assert.equal(status, 0, stderr)
      assert.match(stdout, /^kind: /m)
    })
  }
}
