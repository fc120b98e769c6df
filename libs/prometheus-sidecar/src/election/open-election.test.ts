import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { openElection } from './open-election.ts'

let root: string
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'open-election-'))
  await writeFile(join(root, 'file'), '')
})
after(() => rm(root, { recursive: true }))

function open(folder: string): ReturnType<typeof openElection> {
  const place = { kind: 'file', folder: join(root, folder) } as const
  const flags = { lease: place, durationMs: 15_000, identity: 'a', serviceAccountFolder: '' }
  return openElection(flags, { savedTermMs: undefined, env: {}, log: { info() {}, warn() {} } })
}

for (const folder of ['file', 'file/below']) {
  it(`refuses ${folder} as the folder of the lease`, async () => {
    await assert.rejects(open(folder), { exitCode: 2, message: /--ha\.lease: .*must be a folder/ })
  })
}

it('accepts a folder that does not exist yet', async () => {
  await assert.doesNotReject(open('later/on'))
})
