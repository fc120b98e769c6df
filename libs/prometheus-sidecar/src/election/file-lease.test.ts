import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { FileLease } from './file-lease.ts'
import type { LeaseRecord } from './lease-record.ts'

const RECORD: LeaseRecord = {
  holder: 'a',
  durationMs: 15_000,
  acquiredMs: 1,
  renewedMs: 2,
  transitions: 3,
  writesFromMs: 4,
  writesUntilMs: 5,
}

describe('a lease in a folder', () => {
  let root: string
  let folder: string
  let lease: FileLease
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'file-lease-'))
    folder = join(root, 'made', 'when needed')
    lease = new FileLease(folder)
  })
  afterEach(() => rm(root, { recursive: true }))

  it('is created by the first, and replaced by whoever knows its version', async () => {
    assert.equal(await lease.read(), undefined)
    assert.equal(await lease.write(RECORD, undefined), true)
    assert.equal(await lease.write({ ...RECORD, holder: 'b' }, undefined), false)
    const found = await lease.read()
    assert.deepEqual(found?.record, RECORD)
    assert.equal(await lease.write({ ...RECORD, holder: 'b' }, found?.version), true)
    assert.equal(await lease.write({ ...RECORD, holder: 'c' }, found?.version), false)
    assert.equal((await lease.read())?.record.holder, 'b')
  })

  it('rejects a version that was replaced and removed long ago, and leaves nothing behind', async () => {
    await lease.write(RECORD, undefined)
    const old = (await lease.read())?.version
    for (let transitions = 10; transitions < 15; transitions++) {
      assert.equal(await lease.write({ ...RECORD, transitions }, (await lease.read())?.version), true)
    }
    assert.equal(await lease.write({ ...RECORD, holder: 'late' }, old), false)
    assert.equal((await lease.read())?.record.transitions, 14)
    assert.deepEqual(await readdir(folder), ['lease.6'])
  })

  it('has one winner if many write at the same time', async () => {
    for (let round = 0; round < 20; round++) {
      const version = (await lease.read())?.version
      const rivals = Array.from({ length: 8 }, (_, index) => `${round}/${index}`)
      const won = await Promise.all(rivals.map((holder) => new FileLease(folder).write({ ...RECORD, holder }, version)))
      assert.equal(won.filter(Boolean).length, 1)
      assert.equal((await lease.read())?.record.holder, rivals[won.indexOf(true)])
    }
  })

  for (const [text, message] of [
    ['{', /is not JSON/],
    ['{"holder":"a"}', /no durationMs/],
    ['[]', /no holder/],
  ] as const) {
    it(`refuses ${text}`, async () => {
      await lease.write(RECORD, undefined)
      await writeFile(join(folder, 'lease.1'), text)
      await assert.rejects(lease.read(), { code: 'ERR_LEASE_STORE', message })
    })
  }

  it('reports why its folder can’t be used', async () => {
    await writeFile(join(root, 'file'), '')
    await assert.rejects(new FileLease(join(root, 'file')).read(), { code: 'ERR_LEASE_STORE', message: /ENOTDIR/ })
  })
})
