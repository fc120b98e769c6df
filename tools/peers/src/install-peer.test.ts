import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findPeer, installPeer } from './install-peer.ts'
import { PEERS } from './peers.ts'

describe('a peer', () => {
  let folder = ''
  let cacheDir = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'peers-'))
    cacheDir = join(folder, 'cache')
    mkdirSync(join(folder, 'bin'))
  })
  after(() => rmSync(folder, { recursive: true }))

  /** A PATH with a `go` of this script and nothing else but a shell's own programs. */
  const withGo = (script: string) => {
    writeFileSync(join(folder, 'bin/go'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, 'bin/go'), 0o755)
    return { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` }
  }
  const builds = `while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
[ -z "$out" ] || { : > "$out/prometheus"; : > "$out/promtool"; echo built >> "${'$'}{OUT_LOG:-/dev/null}"; }`

  test('is built once, together with its sibling, and then found', () => {
    const env = withGo(builds)
    assert.equal(findPeer('prometheus', { cacheDir }), undefined)
    const path = installPeer('prometheus', { cacheDir, env })
    assert.match(path, /\/cache\/prometheus-[0-9a-f]{12}\/prometheus$/)
    assert.equal(installPeer('prometheus', { cacheDir, env: withGo('exit 9') }), path)
    assert.equal(installPeer('promtool', { cacheDir, env: withGo('exit 9') }), path.replace(/prometheus$/, 'promtool'))
  })

  test('whose toolchain is missing is an error that names it', () => {
    const options = { cacheDir: join(folder, 'empty'), env: { PATH: join(folder, 'nothing') } }
    assert.throws(() => installPeer('promtool', options), {
      code: 'ERR_PEER_TOOLCHAIN_MISSING',
      message: 'promtool is not built, and go to build it is not installed',
    })
  })

  test('whose build fails is an error and leaves nothing', () => {
    const options = { cacheDir: join(folder, 'failed'), env: withGo('[ "$1" = version ]') }
    assert.throws(() => installPeer('prometheus', options), {
      code: 'ERR_PEER_BUILD_FAILED',
      message: 'building prometheus: go build exited with 1',
    })
    assert.deepEqual(readdirSync(options.cacheDir), [])
  })
})

test('the command exits with 2 for an unknown name and with 3 without a toolchain', () => {
  const run = (args: string[], env: NodeJS.ProcessEnv) => {
    const main = join(import.meta.dirname, 'main.ts')
    return spawnSync(process.execPath, ['--conditions=@node-to-cloud/source', main, ...args], { encoding: 'utf8', env })
  }
  const unknown = run(['grafana'], { PATH: '' })
  assert.equal(unknown.status, 2)
  assert.equal(unknown.stderr, `peers: "grafana" must be one of ${Object.keys(PEERS).join(', ')}; see --help\n`)
  const missing = run(['locust'], { PATH: '/nonexistent', PEERS_DIR: '/nonexistent' })
  assert.equal(missing.status, 3)
  assert.match(missing.stderr, /^peers: locust is not built, and python3 to build it is not installed\n$/)
})
