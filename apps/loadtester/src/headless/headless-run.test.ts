import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { LoadProcess } from '../../test/testing/load-process.ts'
import { TargetServer } from '../../test/testing/target-server.ts'
import type { RunSummary } from '../report/run-summary.ts'

describe('loadtester run with a script that has functions and plugins', () => {
  let folder = ''
  let target: TargetServer
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-headless-'))
    target = await TargetServer.start((request, response) => {
      response.statusCode = request.url === '/missing' ? 404 : 200
      response.end('Hello World!')
    })
  })
  after(async () => {
    await target.close()
    await rm(folder, { recursive: true })
  })

  async function run(
    name: string,
    script: string,
    more: readonly string[] = [],
  ): Promise<{ code: unknown; stdout: string; stderr: string; counted: number }> {
    const before = target.requests
    const path = join(folder, name)
    await writeFile(path, script)
    const child = new LoadProcess(['run', path, '--target', target.url, '--rate', '50', '--duration', '2', ...more])
    const code = await child.exited()
    return { code, stdout: child.stdout, stderr: child.stderr, counted: target.requests - before }
  }

  it('prints one JSON object, whatever the script prints', async () => {
    const { code, stdout, stderr, counted } = await run(
      'log.yml',
      'scenarios:\n  - flow:\n      - log: "a line of the script"\n      - get: { url: / }\n',
      ['--json'],
    )
    assert.equal(code, 0)
    assert.equal((JSON.parse(stdout) as { requests: number }).requests, counted)
    assert.match(stderr, /a line of the script/)
  })

  it('fails immediately if a function throws in every worker, and keeps what was counted', async () => {
    await writeFile(
      join(folder, 'boom.mjs'),
      'let users = 0\nexport function start(context, events, next) { if (++users === 30) setTimeout(() => { throw new Error("boom in a timer") }); next() }\n',
    )
    const script = 'config: { processor: boom.mjs }\nscenarios:\n  - flow: [{ function: start }, { get: { url: / } }]\n'
    const since = performance.now()
    const { code, stdout, counted } = await run('boom.yml', script, ['--duration', '900'])
    assert.equal(code, 1)
    assert.ok(performance.now() - since < 600_000, 'the rest of the quarter of an hour is not waited for')
    assert.match(stdout, /the run failed: boom in a timer/)
    assert.match(stdout, new RegExp(`Aggregated +${counted} `))
    assert.match(stdout, /unaccounted 0$/m)
  })

  it('exits with 1 if before fails, as with any hook that throws', async () => {
    await writeFile(join(folder, 'before.mjs'), 'export async function fail() { throw new Error("no account") }\n')
    const { code, stderr, counted } = await run(
      'before.yml',
      'config: { processor: before.mjs }\nbefore: { flow: [{ function: fail }] }\nscenarios:\n  - flow: [{ get: { url: / } }]\n',
    )
    assert.deepEqual([code, counted], [1, 0])
    assert.match(stderr, /before: the flow failed: no account/)
  })

  it('continues without a worker whose engine is gone, and counts what it had not reported as unaccounted', async () => {
    await writeFile(
      join(folder, 'gone.mjs'),
      'import { threadId } from "node:worker_threads"\nlet users = 0\nexport function start(context, events, next) { if (threadId % 2 === 1 && ++users === 10) process.exit(3); next() }\n',
    )
    const script = 'config: { processor: gone.mjs }\nscenarios:\n  - flow: [{ function: start }, { get: { url: / } }]\n'
    const { code, stdout, counted } = await run('gone.yml', script, ['--json', '--workers', '2'])
    const { requests, unaccounted } = JSON.parse(stdout) as { requests: number; unaccounted: number }
    assert.equal(code, 0)
    // About 20 had come when it was gone.
    assert.ok(counted > 30, `${counted} requests came, though one of two workers was gone`)
    assert.ok(counted >= requests && counted - requests <= unaccounted + 5, `${requests} + ${unaccounted}, ${counted}`)
  })

  for (const [expected, code] of [
    [200, 0],
    [201, 1],
  ] as const) {
    it(`exits with ${code} if expectations ${code === 0 ? 'hold' : 'fail'}`, async () => {
      const { code: exit, stdout } = await run(
        'expect.yml',
        `config: { plugins: { expect: {} } }\nscenarios:\n  - flow:\n      - get: { url: /, expect: { statusCode: ${expected} } }\n`,
      )
      assert.equal(exit, code)
      assert.match(stdout, code === 0 ? /kept {3}expect: none fails \(0\)/ : /missed expect: none fails \(100\)/)
    })
  }

  it('follows a shape in TypeScript', async () => {
    const before = target.requests
    const path = join(folder, 'shape.ts')
    await writeFile(
      path,
      `export const config = {}
export const scenarios = [{ flow: [{ get: { url: '/' } }] }]
export const shape = (second: number): { rate: number } | undefined => (second < 3 ? { rate: 10 * (second + 1) } : undefined)
`,
    )
    const child = new LoadProcess(['run', path, '--target', target.url, '--json', '--workers', '2'])
    assert.equal(await child.exited(), 0, child.stderr)
    const { requests, arrivals } = JSON.parse(child.stdout) as { requests: number; arrivals: number }
    assert.deepEqual([arrivals, requests, target.requests - before], [60, 60, 60])
  })

  it('reports before any load that a report cannot be written', async () => {
    const flow = 'scenarios:\n  - flow:\n      - get: { url: / }\n'
    const { code, stderr, counted } = await run('one.yml', flow, ['--report', '/nowhere/r.html'])
    assert.deepEqual([code, counted], [2, 0])
    assert.match(stderr, /the report can't be written to \/nowhere\/r\.html/)
    const folderGiven = await run('one.yml', flow, ['--report', folder])
    assert.deepEqual([folderGiven.code, folderGiven.counted], [2, 0])
  })

  it('runs a plain Artillery script with payload, environment and weights, and reports every endpoint', async () => {
    await writeFile(join(folder, 'people.csv'), 'Ada\nAlan\n')
    const report = join(folder, 'plain.html')
    const { code, stdout } = await run(
      'plain.yml',
      `config:
  environments: { stage: { variables: { kind: [books] } } }
  payload: { path: people.csv, fields: [person], order: sequence }
  http: { defaults: { headers: { x-who: "{{ person }}" } } }
scenarios:
  - name: browse
    weight: 3
    flow:
      - get: { url: "/{{ kind }}", ifTrue: 'kind == "books"' }
  - name: buy
    weight: 1
    flow:
      - post: { url: /orders, name: order, json: { by: "{{ person }}" } }
`,
      ['-e', 'stage', '--report', report],
    )
    assert.equal(code, 0, stdout)
    assert.match(stdout, /^GET +\/\{\{ kind \}\} +\d/m)
    assert.match(stdout, /^POST +order +\d/m)
    assert.match(await readFile(report, 'utf8'), /<td>order<\/td>/)
  })

  for (const workers of ['1', '2', '3']) {
    it(`uses each row of a file once with ${workers === '1' ? 'one worker' : `${workers} workers`}`, async () => {
      const used: string[] = []
      const counting = await TargetServer.start((request, response) => {
        used.push(request.url ?? '')
        response.end()
      })
      await writeFile(join(folder, 'ids.csv'), Array.from({ length: 40 }, (_, index) => `id${index}\n`).join(''))
      const path = join(folder, 'ids.yml')
      await writeFile(
        path,
        `config:
  payload: { path: ids.csv, fields: [id], order: sequence }
  phases: [{ duration: 2, arrivalCount: 40 }]
scenarios:
  - flow:
      - get: { url: "/{{ id }}" }
`,
      )
      const child = new LoadProcess(['run', path, '--target', counting.url, '--json', '--workers', workers])
      assert.equal(await child.exited(), 0, child.stderr)
      await counting.close()
      // Where a worker is kept from its CPU for seconds, arrivals are skipped, and with them their rows.
      const { arrivals } = JSON.parse(child.stdout) as { arrivals: number }
      assert.ok(arrivals > 20, `${arrivals} of 40 users`)
      assert.deepEqual([used.length, new Set(used).size], [arrivals, arrivals])
    })
  }

  const oneRequest = 'scenarios:\n  - flow:\n      - get: { url: / }\n'
  const missing = 'scenarios:\n  - flow:\n      - get: { url: /missing }\n'
  const withHook = (body: string, more = ''): string =>
    `export const config = { ${more} }
export const scenarios = [{ beforeScenario: 'begin', flow: [{ get: { url: '/' } }] }]
export async function begin(): Promise<void> { ${body} }
`
  const verdicts: readonly {
    readonly name: string
    readonly file: string
    readonly script: string
    readonly options?: readonly string[]
    readonly verdict: string
    readonly code: number
    readonly failedUsers?: Record<string, number>
  }[] = [
    { name: 'nothing fails, and no bounds are set', file: 'v1.yml', script: oneRequest, verdict: 'no bounds', code: 0 },
    {
      name: 'every virtual user fails in a hook',
      file: 'v2.ts',
      script: withHook('throw new Error("no account left")'),
      verdict: 'failed',
      code: 1,
      failedUsers: { 'no account left': 100 },
    },
    {
      name: 'a hook fails with a plain object, though the bounds are kept',
      file: 'v3.ts',
      script: withHook('throw { code: "E_ACCOUNT" }', 'ensure: { thresholds: [{ "http.requests": 1 }] }'),
      verdict: 'failed',
      code: 1,
      failedUsers: { E_ACCOUNT: 100 },
    },
    {
      name: 'the script suggests an exit code',
      file: 'v4.ts',
      script: withHook('Reflect.set(Reflect.get(globalThis, "artillery"), "suggestedExitCode", 17)'),
      verdict: 'failed',
      code: 17,
    },
    { name: 'every request fails', file: 'v5.yml', script: missing, verdict: 'no bounds', code: 0 },
    {
      name: 'every request fails, and failed requests count',
      file: 'v6.yml',
      script: missing,
      options: ['--fail-on-errors'],
      verdict: 'failed',
      code: 1,
    },
  ]
  for (const { name, file, script, options = [], verdict, code, failedUsers = {} } of verdicts) {
    it(`is "${verdict}", exit code ${code}, if ${name}`, async () => {
      const [json, text] = [await run(file, script, ['--json', ...options]), await run(file, script, options)]
      assert.deepEqual([json.code, text.code], [code, code], text.stdout + text.stderr)
      const summary = JSON.parse(json.stdout) as RunSummary
      assert.deepEqual([summary.verdict, summary.ok, summary.exitCode], [verdict, code === 0, code])
      assert.deepEqual(Object.fromEntries(summary.userFailures), failedUsers)
      const failed = Object.values(failedUsers).reduce((sum, count) => sum + count, 0)
      assert.equal(summary.users.failed, failed)
      assert.match(text.stdout, verdict === 'no bounds' ? /^verdict: no bounds set$/m : /^verdict: failed, exit code/m)
      assert.match(text.stdout, new RegExp(`^users: \\d+ completed, ${failed} failed, 0 cut off`, 'm'))
      for (const [reason, count] of Object.entries(failedUsers))
        assert.ok(text.stdout.includes(`failed users: ${reason} × ${count}`), text.stdout)
    })
  }

  it('writes CSV files under the names of Locust, and a JUnit report', async () => {
    const prefix = join(folder, 'csv')
    const junit = join(folder, 'junit.xml')
    const files = ['--csv', prefix, '--junit', junit, '--fail-on-errors']
    const { code, stdout } = await run('files.yml', missing, files)
    assert.equal(code, 1)
    for (const [ending, pattern] of [
      ['stats', /^GET,\/missing,100,100,/m],
      ['failures', /^GET,\/missing,HTTP 404,100,2\d{3}-.*Z,2\d{3}-.*Z\r$/m],
      ['exceptions', /^Count,Message,Traceback,Nodes\r$/m],
      ['stats_history', /^time,requests,/m],
    ] as const) {
      assert.match(await readFile(`${prefix}_${ending}.csv`, 'utf8'), pattern)
      assert.ok(stdout.includes(`${prefix}_${ending}.csv`))
    }
    const xml = await readFile(junit, 'utf8')
    assert.match(xml, /<testsuite name="files\.yml" .*tests="2" failures="1"/)
    assert.match(xml, /<testcase classname="requests" name="GET \/missing".*100 of 100 requests failed: HTTP 404 × 100/)
  })
})
