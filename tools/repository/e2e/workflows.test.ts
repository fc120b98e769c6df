import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import { installPeer } from '@node-to-cloud/peers'
import { repositoryRoot } from '../src/repository-root.ts'

const hasGo = spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0

test('actionlint finds nothing in the workflows', { skip: !hasGo && 'needs go' }, () => {
  const workflows = globSync('{.github/workflows/*,examples/*/workflow}.yml', { cwd: repositoryRoot })
  const { status, stdout } = spawnSync(installPeer('actionlint'), workflows, { cwd: repositoryRoot, encoding: 'utf8' })
  assert.equal(status, 0, stdout)
})
