import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const main = join(import.meta.dirname, 'main.ts')

function run(kubectl: string | undefined): { status: number | null; stderr: string } {
  const bin = mkdtempSync(join(tmpdir(), 'cluster-main-'))
  try {
    if (kubectl !== undefined) writeFileSync(join(bin, 'kubectl'), `#!/bin/sh\n${kubectl}\n`, { mode: 0o755 })
    const args = ['--conditions=@node-to-cloud/source', main, '--context', 'nowhere']
    return spawnSync(process.execPath, args, { env: { PATH: bin }, encoding: 'utf8' })
  } finally {
    rmSync(bin, { recursive: true })
  }
}

for (const [name, kubectl, expected] of [
  [
    'a context that does not exist',
    `echo 'error: context "nowhere" does not exist' >&2; exit 1`,
    'kubectl version --output=json: error: context "nowhere" does not exist',
  ],
  ['no kubectl', undefined, 'kubectl version --output=json: spawn kubectl ENOENT'],
] as const) {
  test(`${name}: one line that says so`, () => {
    const { status, stderr } = run(kubectl)
    assert.equal(stderr, `cluster-e2e: ${expected}\n`)
    assert.equal(status, 1)
  })
}
