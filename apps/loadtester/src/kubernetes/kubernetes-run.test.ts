import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort } from '@node-to-cloud/bench'
import { eventually, LoadProcess } from '../../test/testing/load-process.ts'
import { TargetServer } from '../../test/testing/target-server.ts'
import type { RunSummary } from '../report/run-summary.ts'

const standIn = fileURLToPath(new URL('../../test/testing/kubectl-stand-in.ts', import.meta.url))

const script = (limit: number): string => `config:
  phases: [{ duration: 2, arrivalCount: 20 }]
  payload: { path: ../data/ids.csv, fields: [id], order: sequence }
  processor: ./functions.ts
  ensure: { thresholds: [{ http.requests: ${limit} }] }
scenarios:
  - beforeScenario: begin
    flow: [{ get: { url: "/{{ id }}/{{ word }}/{{ $env.SECRET_WORD }}" } }]
`

describe('loadtester k8s', () => {
  let folder = ''
  let target: TargetServer
  let seen: (string | undefined)[] = []
  let cluster = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-k8s-'))
    await Promise.all(['bin', 'tests', 'data'].map((name) => mkdir(join(folder, name))))
    const kubectl = join(folder, 'bin', 'kubectl')
    await writeFile(kubectl, `#!/bin/sh\nexec '${process.execPath}' '${standIn}' "$@"\n`)
    await chmod(kubectl, 0o755)
    await writeFile(join(folder, 'tests', 'shop.yml'), script(21))
    await writeFile(join(folder, 'tests', 'strict.yml'), script(20))
    await writeFile(
      join(folder, 'tests', 'functions.ts'),
      'import { word } from "./lib/word.ts"\nexport async function begin(context: { vars: Record<string, unknown> }) { context.vars.word = word }\n',
    )
    await mkdir(join(folder, 'tests', 'lib'))
    await writeFile(join(folder, 'tests', 'lib', 'word.ts'), 'export const word: string = "imported"\n')
    await writeFile(join(folder, 'data', 'ids.csv'), Array.from({ length: 20 }, (_, id) => `${id}\n`).join(''))
    await writeFile(join(folder, 'test.env'), 'SECRET_WORD=secret\n')
    target = await TargetServer.start((request, response) => {
      seen.push(request.url)
      response.end()
    })
  })
  beforeEach(async () => {
    seen = []
    cluster = await mkdtemp(join(folder, 'cluster-'))
  })
  after(async () => {
    await target.close()
    await rm(folder, { recursive: true })
  })

  async function start(name: string, ...options: readonly string[]): Promise<LoadProcess> {
    const all = ['--target', target.url, '--dotenv', join(folder, 'test.env'), ...options]
    return new LoadProcess(['k8s', join(folder, 'tests', name), ...all], {
      PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH ?? ''}`,
      STAND_IN_DIR: cluster,
      STAND_IN_PORT: String(await freePort()),
    })
  }

  it('runs the script with its files and secrets on every worker, brings the results back, and cleans up', async () => {
    const output = join(folder, 'out.json')
    const child = await start('shop.yml', '--workers', '2', '--json', '--output', output)
    assert.equal(await child.exited(), 0, child.stderr)
    assert.deepEqual(seen.toSorted(), Array.from({ length: 20 }, (_, id) => `/${id}/imported/secret`).toSorted())
    const summary = JSON.parse(child.stdout) as RunSummary
    assert.deepEqual([summary.requests, summary.verdict, summary.workers.length], [20, 'passed', 2])
    const report = JSON.parse(await readFile(output, 'utf8')) as { aggregate: { counters: Record<string, number> } }
    assert.equal(report.aggregate.counters['http.requests'], 20)
    assert.deepEqual(
      (await readdir(cluster)).filter((name) => /^(Job|ConfigMap|Secret|Service)\./.test(name)),
      [],
    )
    assert.match(await readFile(join(cluster, 'deleted'), 'utf8'), /^loadtest-shop-[0-9a-f]{6}$/)
  })

  it('exits with 1 if a bound is missed, as does the pod, so that the Job fails', async () => {
    const child = await start('strict.yml', '--keep')
    assert.equal(await child.exited(), 1, child.stderr)
    assert.match(child.stdout, /^missed http\.requests: 20 \(20\)$/m)
    assert.equal((await readFile(join(cluster, 'test.exit'), 'utf8')).trim(), '1')
    assert.ok(
      (await readdir(cluster)).some((name) => name.startsWith('Job.')),
      'everything is left',
    )
  })

  it('stops the test at a signal, and still has its results', async () => {
    const child = await start('shop.yml', '--rate', '20', '--duration', '10m', '--json')
    await eventually(() => seen.length > 20, 'the load is on')
    child.kill('SIGINT')
    await child.exited()
    const summary = JSON.parse(child.stdout) as RunSummary
    assert.equal(summary.requests, seen.length)
  })

  for (const [options, says] of [
    [['--rate', '5', '--duration', '1s', '--variables', '{'], /--variables .*must be a JSON object/],
    [['--cpu', 'much'], /--cpu .*must be a Kubernetes quantity/],
    [['--scenario-name', 'nothing'], /matches no scenario/],
  ] as const) {
    it(`refuses ${options.join(' ')}, and creates nothing`, async () => {
      const child = await start('shop.yml', ...options)
      assert.equal(await child.exited(), 2)
      assert.match(child.stderr, says)
      assert.deepEqual(await readdir(cluster), [])
    })
  }
})
