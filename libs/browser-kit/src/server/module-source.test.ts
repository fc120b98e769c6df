import assert from 'node:assert/strict'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openModuleSource } from './module-source.ts'

describe('modules from source', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modules-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('lose their types, keep their lines, and change with the file', async () => {
    const file = join(folder, 'a.ts')
    await writeFile(file, 'interface A { b: number }\nexport const a: number = 1\n')
    await writeFile(join(folder, 'a.test.ts'), '')
    const modules = await openModuleSource(folder, '.ts')
    assert.deepEqual(modules.paths, ['a.ts'])
    const { text, etag } = await modules.read('a.ts')
    assert.equal(text.split('\n').length, 3)
    assert.match(text, /^export const a\s+= 1$/m)
    await writeFile(file, 'export const a: number = 2\n')
    await utimes(file, new Date(), new Date(Date.now() + 5000))
    const edited = await modules.read('a.ts')
    assert.match(edited.text, /= 2/)
    assert.notEqual(edited.etag, etag)
  })
})
