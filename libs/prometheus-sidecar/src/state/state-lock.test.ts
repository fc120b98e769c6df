import assert from 'node:assert/strict'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { StateFileError } from './state-file-error.ts'
import { lockStateFile } from './state-lock.ts'

test('only one process at a time can lock a state file, by any path', {
  skip: process.platform !== 'linux',
}, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'state-lock-'))
  context.after(() => rm(folder, { recursive: true }))
  const link = `${folder}-link`
  await symlink(folder, link)
  context.after(() => rm(link))
  const lock = await lockStateFile(join(folder, 'state'))
  for (const path of [join(folder, 'state'), join(link, 'state')]) {
    await assert.rejects(lockStateFile(path), (error) => {
      assert.ok(error instanceof StateFileError)
      assert.match(
        error.message,
        /another process uses the state file .*state: stop it, or set a different --state-file/,
      )
      return true
    })
  }
  const other = await lockStateFile(join(folder, 'other'))
  lock.release()
  const again = await lockStateFile(join(folder, 'state'))
  again.release()
  other.release()
})
