import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packageVersion } from './package-version.ts'

test('the nearest package.json above a module has its version', () => {
  assert.match(packageVersion(import.meta.url), /^\d+\.\d+\.\d+$/)
  assert.equal(packageVersion(new URL('values/duration.ts', import.meta.url).href), packageVersion(import.meta.url))
})
