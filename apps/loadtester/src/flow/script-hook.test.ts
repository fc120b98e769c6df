import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { TargetServer } from '../../test/testing/target-server.ts'
import { hooksOf } from '../script/hooks.ts'
import { readScript } from '../script/script.ts'
import { runScriptHook } from './script-hook.ts'

describe('runScriptHook', () => {
  const seen: string[] = []
  let folder = ''
  let target: TargetServer
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-hook-'))
    target = await TargetServer.start((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      response.end('{"id": 42}')
    })
  })
  beforeEach(() => {
    seen.length = 0
  })
  after(async () => {
    await target.close()
    await rm(folder, { recursive: true })
  })

  async function read(hooks: string): Promise<Awaited<ReturnType<typeof readScript>>> {
    const path = join(folder, `s${Math.random()}.yml`)
    await writeFile(
      path,
      `config: { target: "${target.url}", variables: { fixed: 1 } }\n${hooks}scenarios:\n  - flow:\n      - get: { url: / }\n`,
    )
    return readScript(path)
  }

  for (const httpEngine of ['undici', 'artillery'] as const) {
    it(`passes what the before flow sets to the after flow, with the HTTP engine of ${httpEngine}`, async () => {
      const script = await read(
        'before:\n  flow:\n    - post: { url: /login, capture: { json: $.id, as: id } }\nafter:\n  flow:\n    - delete: { url: "/sessions/{{ id }}" }\n',
      )
      assert.deepEqual(hooksOf(script.document), ['before', 'after'])
      const options = { testId: 'run', httpEngine }
      const variables = await runScriptHook('before', script, options)
      assert.deepEqual(variables, { id: 42 })
      await runScriptHook('after', script, { ...options, variables })
      assert.deepEqual(seen, ['POST /login', 'DELETE /sessions/42'])
    })
  }

  for (const { name, hooks, says } of [
    {
      name: 'that fails',
      hooks: 'before:\n  flow:\n    - get: { url: "http://127.0.0.1:9/" }\n',
      says: /^Error: before: the flow failed: ECONNREFUSED$/,
    },
    {
      name: 'of an engine that is not there',
      hooks: 'before:\n  engine: nowhere\n  flow:\n    - get: { url: / }\n',
      says: /engine "nowhere" can't be loaded/,
    },
  ]) {
    it(`reports what is wrong with a flow ${name}`, async () => {
      await assert.rejects(runScriptHook('before', await read(hooks), { testId: 'run', httpEngine: 'undici' }), says)
    })
  }

  it('finds no hooks in a script without any', async () => {
    assert.deepEqual(hooksOf((await read('')).document), [])
  })
})
