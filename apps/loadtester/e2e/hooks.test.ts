import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually, LoadProcess } from '../test/testing/load-process.ts'
import { TargetServer } from '../test/testing/target-server.ts'

describe('the before and after flows of a headless run', () => {
  let folder = ''
  let target: TargetServer
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-hooks-'))
    target = await TargetServer.start()
  })
  after(async () => {
    await target.close()
    await rm(folder, { recursive: true })
  })

  async function run(args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
    const child = new LoadProcess(args)
    const code = await child.exited()
    return { code, stdout: child.stdout, stderr: child.stderr }
  }

  it('run once for the whole run, however many workers there are, and are not counted', async () => {
    const seen: string[] = []
    const recording = await TargetServer.start((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      response.end('{"id": 42}')
    })
    const script = join(folder, 'hooks.yml')
    await writeFile(
      script,
      'before:\n  flow:\n    - post: { url: /login, capture: { json: $.id, as: id } }\nafter:\n  flow:\n    - delete: { url: "/sessions/{{ id }}" }\nscenarios:\n  - flow:\n      - get: { url: "/users/{{ id }}" }\n',
    )
    const args = ['run', script, '--target', recording.url, '--rate', '10', '--duration', '1', '--workers', '2']
    const { code, stdout, stderr } = await run([...args, '--json'])
    assert.equal(code, 0, stderr)
    assert.deepEqual(seen, ['POST /login', ...Array.from({ length: 10 }, () => 'GET /users/42'), 'DELETE /sessions/42'])
    assert.equal((JSON.parse(stdout) as { requests: number }).requests, 10)
    await recording.close()
  })

  it('end at a signal, and the run does not begin', async () => {
    let asked = 0
    const silent = await TargetServer.start((request) => {
      if (request.url === '/login') asked++
    })
    const script = join(folder, 'silent.yml')
    await writeFile(
      script,
      'before:\n  flow:\n    - post: { url: /login }\nscenarios:\n  - flow:\n      - get: { url: / }\n',
    )
    const child = new LoadProcess(['run', script, '--target', silent.url, '--rate', '5', '--json'])
    await eventually(() => asked === 1, 'the flow is on')
    const since = performance.now()
    child.kill('SIGINT')
    assert.equal(await child.exited(), 130)
    assert.ok(performance.now() - since < 6000, 'the ten seconds of its request are not waited for')
    assert.match(child.stderr, /The run was stopped before it began/)
    assert.deepEqual([silent.requests, child.stdout], [1, ''])
    await silent.close()
  })

  it('make it exit with 1 if the first one fails, and with 1 and all results if the last one does', async () => {
    const flow = 'flow:\n    - get: { url: "http://127.0.0.1:9/" }\n'
    const scenarios = 'scenarios:\n  - flow:\n      - get: { url: / }\n'
    const load = ['--target', target.url, '--rate', '5', '--duration', '1']
    await writeFile(join(folder, 'before.yml'), `before:\n  ${flow}${scenarios}`)
    const failed = await run(['run', join(folder, 'before.yml'), ...load])
    assert.equal(failed.code, 1)
    assert.match(failed.stderr, /before: the flow failed: ECONNREFUSED/)
    await writeFile(join(folder, 'after.yml'), `after:\n  ${flow}${scenarios}`)
    const ended = await run(['run', join(folder, 'after.yml'), ...load])
    assert.equal(ended.code, 1)
    assert.match(ended.stdout, /after: the flow failed: ECONNREFUSED/)
    assert.match(ended.stdout, /arrivals 5 /)
  })
})
