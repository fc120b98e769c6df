import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFolder } from './make-folder.ts'

test('creates missing folders, and leaves existing ones', async (context) => {
  const root = await mkdtemp(join(tmpdir(), 'make-folder-'))
  context.after(() => rm(root, { recursive: true }))
  await makeFolder(join(root, 'a/b/c'))
  await writeFile(join(root, 'a/b/kept'), '')
  await Promise.all([makeFolder(join(root, 'a/b/d')), makeFolder(join(root, 'a/b/d'))])
  assert.deepEqual((await readdir(join(root, 'a/b'))).sort(), ['c', 'd', 'kept'])
})

test('names a file that is in the way', async (context) => {
  const root = await mkdtemp(join(tmpdir(), 'make-folder-'))
  context.after(() => rm(root, { recursive: true }))
  await writeFile(join(root, 'file'), '')
  for (const path of ['file', 'file/folder', 'file/folder/below']) {
    await assert.rejects(makeFolder(join(root, path)), {
      code: 'ERR_NOT_A_FOLDER',
      message: `${join(root, 'file')} is a file, not a folder`,
    })
  }
})

test('reports a file system that refuses folders, instead of retrying forever', {
  skip: process.platform !== 'linux',
}, async () => {
  await assert.rejects(makeFolder('/proc/none/state'), { code: 'ENOENT' })
})
