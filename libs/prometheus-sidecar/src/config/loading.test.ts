import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { it } from 'node:test'
import { loadedPackages } from '../../test/testing/loaded-packages.ts'

const SLOW_TO_LOAD = ['google-auth-library', '@grpc/grpc-js']

it('parsing flags loads neither Google’s library for credentials nor gRPC', async () => {
  const parse = `
    import { parseFlags } from './flags.ts'
    const flags = parseFlags(['--stackdriver.api-address=http://127.0.0.1:8086/?auth=false'], {})
    if (flags.apiAddress.port !== 8086) throw new Error('the flags were not parsed')`
  const loaded = await loadedPackages(parse, import.meta.url)
  assert.deepEqual(
    SLOW_TO_LOAD.filter((name) => loaded.includes(name)),
    [],
  )
})

it('the previous test would detect them', async () => {
  const loaded = await loadedPackages("import '../write/api-client.ts'", import.meta.url)
  assert.deepEqual(
    SLOW_TO_LOAD.filter((name) => !loaded.includes(name)),
    [],
  )
})

it('the sidecar does without Google’s client of Cloud Monitoring, whose messages take 40 MB', async () => {
  const loaded = await loadedPackages("import '../app.ts'", import.meta.url)
  assert.deepEqual(
    loaded.filter((name) => name.startsWith('@google-cloud/') || name === 'google-gax' || name === 'protobufjs'),
    [],
  )
})

it('the configuration does not import the parts that it configures', async () => {
  const files = (await readdir(import.meta.dirname)).filter((name) => !name.endsWith('.test.ts'))
  for (const file of files) {
    const code = await readFile(new URL(file, import.meta.url), 'utf8')
    const rooms = [...code.matchAll(/from '\.\.\/([^/']+)\//g)].map(([, room]) => room)
    assert.deepEqual(
      rooms.filter((room) => room !== 'convert' && room !== 'model'),
      [],
      file,
    )
  }
})
