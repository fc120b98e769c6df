import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { LoadProcess } from '../../test/testing/load-process.ts'
import { TargetServer } from '../../test/testing/target-server.ts'
import type { ArtilleryReport } from '../report/artillery-report.ts'

const SCRIPT = `config:
  phases: [{ duration: 1, arrivalCount: 4 }]
  variables: { word: none }
  payload: { fields: [id], order: sequence }
  processor: ./functions.cjs
scenarios:
  - name: first
    flow: [{ get: { url: "/first/{{ word }}/{{ id }}/{{ $env.LOADTESTER_TEST_DOTENV }}" } }]
  - name: second
    flow: [{ get: { url: "/second", name: two } }, { get: { url: /missing } }, { function: count }]
`

describe("loadtester run with artillery run's options", () => {
  let folder = ''
  let target: TargetServer
  let seen: (string | undefined)[] = []
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-options-'))
    target = await TargetServer.start((request, response) => {
      seen.push(request.url)
      response.statusCode = request.url === '/missing' ? 404 : 200
      response.end('Hello World!')
    })
    await writeFile(join(folder, 'script.yml'), SCRIPT)
    await writeFile(join(folder, 'ids.csv'), '1\n2\n3\n4\n')
    await writeFile(join(folder, 'test.env'), 'LOADTESTER_TEST_DOTENV=fromfile\n')
    await writeFile(
      join(folder, 'functions.cjs'),
      'exports.count = (context, events, next) => { events.emit("rate", "mine.rate"); events.emit("counter", "mine", 2); next() }\n',
    )
    await mkdir(join(folder, 'reports'))
  })
  after(async () => {
    await target.close()
    await rm(folder, { recursive: true })
  })

  async function run(...options: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
    seen = []
    const payload = ['--payload', join(folder, 'ids.csv')]
    const child = new LoadProcess(['run', join(folder, 'script.yml'), '-t', target.url, ...payload, ...options])
    return { code: await child.exited(), stdout: child.stdout, stderr: child.stderr }
  }

  it('--variables, --dotenv, --payload and --scenario-name reach every virtual user, with several workers', async () => {
    const { code, stderr } = await run(
      ...['--variables', '{"word":"given"}', '--dotenv', join(folder, 'test.env'), '--scenario-name', 'first'],
      ...['--workers', '2', '--quiet'],
    )
    assert.equal(code, 0, stderr)
    assert.deepEqual(
      seen.toSorted(),
      [1, 2, 3, 4].map((id) => `/first/given/${id}/fromfile`),
    )
  })

  it('--overrides lays over the script, --quiet prints nothing', async () => {
    const overrides = {
      config: { phases: [{ duration: 1, arrivalCount: 2 }] },
      scenarios: [{ flow: [{ get: { url: '/o' } }] }],
    }
    const { code, stdout, stderr } = await run('--overrides', JSON.stringify(overrides), '-q')
    assert.deepEqual([code, stdout, seen], [0, '', ['/o', '/o']], stderr)
  })

  it("--output writes Artillery's report", async () => {
    const path = join(folder, 'out.json')
    const { code, stderr } = await run('--scenario-name', 'second', '-o', path)
    assert.equal(code, 0, stderr)
    const { aggregate, intermediate } = JSON.parse(await readFile(path, 'utf8')) as ArtilleryReport
    const { counters, rates, summaries } = aggregate
    assert.deepEqual(
      {
        ...counters,
        'http.downloaded_bytes': undefined,
      },
      {
        'vusers.created': 4,
        'vusers.completed': 4,
        'vusers.failed': 0,
        'vusers.skipped': 0,
        'vusers.created_by_name.second': 4,
        'http.requests': 8,
        'http.responses': 8,
        'http.downloaded_bytes': undefined,
        'http.codes.200': 4,
        'http.codes.404': 4,
        'plugins.metrics-by-endpoint./second (two).codes.200': 4,
        'plugins.metrics-by-endpoint./missing.codes.404': 4,
        mine: 8,
      },
    )
    assert.deepEqual(Object.keys(rates), ['http.request_rate', 'mine.rate'])
    for (const name of [
      'http.response_time',
      'http.response_time.2xx',
      'http.response_time.4xx',
      'vusers.session_length',
      'plugins.metrics-by-endpoint.response_time./second (two)',
    ])
      assert.deepEqual(
        Object.keys(summaries[name] ?? {}),
        ['min', 'max', 'count', 'mean', 'p50', 'median', 'p75', 'p90', 'p95', 'p99', 'p999'],
        name,
      )
    assert.deepEqual(aggregate.histograms, summaries)
    const sum = intermediate.reduce((total, period) => total + (period.counters['http.requests'] ?? 0), 0)
    assert.equal(sum, 8)
  })

  it('--output names a file in a folder by the time', async () => {
    const { code, stderr } = await run('--scenario-name', 'first', '--output', join(folder, 'reports'))
    assert.equal(code, 0, stderr)
    assert.match((await readdir(join(folder, 'reports'))).join(), /^artillery_report_\d{8}_\d{6}\.json$/)
  })

  for (const [options, says] of [
    [['--scenario-name', 'third'], /scenario "third" matches no scenario; the script has: first, second/],
    [['--variables', '[1]'], /--variables .*must be a JSON object/],
    [['--overrides', '{'], /--overrides .*must be a JSON object/],
    [['--dotenv', '/nowhere/.env'], /--dotenv \/nowhere\/\.env can't be read/],
    [['--config', '/nowhere/c.yml'], /\/nowhere\/c\.yml can't be read/],
    [['--overrides', '{"config":{"ensure":{"thresholds":[{"http.respones":1}]}}}'], /did you mean http\.responses\?/],
  ] as const) {
    it(`refuses ${options.join(' ')} before any load`, async () => {
      const { code, stderr } = await run(...options)
      assert.deepEqual([code, seen.length], [2, 0])
      assert.match(stderr, says)
    })
  }
})
