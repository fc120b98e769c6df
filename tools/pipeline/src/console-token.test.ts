import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { consoleToken } from './console-token.ts'

test('the token is created once, readable only by its owner, and then stays the same', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'console-token-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'loadtester', 'token')
  const token = consoleToken(file)
  assert.match(token, /^[\w-]{32}$/)
  assert.equal(readFileSync(file, 'utf8'), `${token}\n`)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(consoleToken(file), token)
})
