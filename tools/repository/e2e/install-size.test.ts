import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '../src/repository-root.ts'

const LIMIT_MEGABYTES = 600

test(`npm ci brings at most ${LIMIT_MEGABYTES} MB`, {
  skip: process.platform !== 'linux' && 'du counts as on Linux',
}, (t) => {
  const printed = execFileSync('du', ['-sm', join(repositoryRoot, 'node_modules')], { encoding: 'utf8' })
  const megabytes = Number.parseInt(printed, 10)
  t.diagnostic(`${megabytes} MB`)
  assert.ok(megabytes <= LIMIT_MEGABYTES, `${megabytes} MB`)
})
