import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { RecordingServer } from '../test/testing/recording-server.ts'

/** The plain `artillery run` command with this engine: from its sources, and from the package as npm would publish it. */

const run = promisify(execFile)
const room = path.join(import.meta.dirname, '..')
const artilleryRoot = path.dirname(createRequire(import.meta.url).resolve('artillery/package.json'))
const modules = path.dirname(artilleryRoot)

let server: RecordingServer
let folder: string

before(async () => {
  server = await RecordingServer.start()
  folder = await mkdtemp(path.join(tmpdir(), 'artillery-cli-'))
})

after(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const SCRIPT = `
config:
  target: TARGET
  engine: undici
  engines:
    undici: {}
  phases:
    - duration: 1
      arrivalCount: 3
  processor: ./processor.cjs
  plugins:
    metrics-by-endpoint: {}
    expect: {}
scenarios:
  - name: visit
    engine: undici
    flow:
      - function: setUp
      - get:
          url: /json
          name: document
          capture: { json: $.id, as: document }
          expect: { statusCode: 200, contentType: json }
      - loop:
          - post: { url: '/text/{{ document }}', json: { user: '{{ user }}' } }
        count: 2
`

const PROCESSOR = `module.exports = { setUp(context, events, done) { context.vars.user = 'ann'; done() } }`

const PROCESSOR_IN_TYPESCRIPT = `import { userName } from './user-name.ts'
interface Context { readonly vars: Record<string, unknown> }
export function setUp(context: Context, _events: unknown, done: () => void): void { context.vars.user = userName; done() }`

/** What a run of the command has to give, wherever the engine comes from, and whatever its processor is written in. */
async function runScript(artillery: string, nodeOptions: string, processor = 'processor.cjs'): Promise<void> {
  server.requests = []
  const script = path.join(folder, 'script.yml')
  const report = path.join(folder, 'report.json')
  await writeFile(script, SCRIPT.replace('TARGET', server.origin).replace('processor.cjs', processor))
  await writeFile(path.join(folder, 'processor.cjs'), PROCESSOR)
  await writeFile(path.join(folder, 'processor.ts'), PROCESSOR_IN_TYPESCRIPT)
  await writeFile(path.join(folder, 'user-name.ts'), "export const userName: string = 'ann'")
  const { stdout, stderr } = await run(process.execPath, [artillery, 'run', script, '--output', report], {
    cwd: folder,
    timeout: 110_000,
    env: { ...process.env, NODE_OPTIONS: nodeOptions, ARTILLERY_DISABLE_TELEMETRY: '1', NO_COLOR: '1' },
  })
  const output = `${stdout}\n${stderr}`
  assert.doesNotMatch(output, /WARNING/)

  const {
    aggregate,
  }: { aggregate: { counters: Record<string, number>; histograms: Record<string, { count: number }> } } = JSON.parse(
    await readFile(report, 'utf8'),
  )
  assert.equal(server.requests.length, 9)
  assert.deepEqual(
    new Set(server.requests.map(({ method, url }) => `${method} ${url}`)),
    new Set(['GET /json', 'POST /text/7']),
  )
  assert.ok(
    server.requests.every(({ headers }) => /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/.test(String(headers.traceparent))),
  )
  const { counters, histograms } = aggregate
  assert.equal(counters['http.requests'], 9)
  assert.equal(counters['http.responses'], 9)
  assert.equal(counters['http.codes.200'], 9)
  assert.equal(counters['vusers.completed'], 3)
  assert.equal(counters['vusers.failed'], 0)
  assert.equal(counters['plugins.expect.ok'], 6)
  assert.equal(counters['plugins.metrics-by-endpoint./json (document).codes.200'], 3)
  assert.equal(histograms['http.response_time']?.count, 9)
  assert.equal(histograms['http.time_to_first_byte']?.count, 9)
}

test('artillery run, engine from its sources', { timeout: 120_000 }, async () => {
  await runScript(path.join(artilleryRoot, 'bin/run'), '--conditions=@node-to-cloud/source')
})

test('artillery run, with a processor in TypeScript that imports another file', { timeout: 120_000 }, async () => {
  await runScript(path.join(artilleryRoot, 'bin/run'), '--conditions=@node-to-cloud/source', 'processor.ts')
})

test('artillery run, engine from its package under the name that Artillery looks for', {
  timeout: 240_000,
}, async () => {
  const tarballs = await Promise.all([room, path.join(room, '../command-line')].map((folder) => packed(folder)))
  const project = path.join(folder, 'project')
  await mkdir(project)
  await writeFile(path.join(project, 'package.json'), JSON.stringify({ private: true }))
  const [engine = '', ...others] = tarballs
  const specs = [`artillery-engine-undici@file:${engine}`, ...others]
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...specs], { cwd: project })

  // Artillery itself, and all it depends on, by links: it is as large as everything else together.
  const installed = path.join(project, 'node_modules')
  const present = new Set(await readdir(installed))
  for (const name of await readdir(modules)) {
    if (!present.has(name) && !name.startsWith('.')) await symlink(path.join(modules, name), path.join(installed, name))
  }
  await runScript(path.join(installed, 'artillery/bin/run'), '--preserve-symlinks --preserve-symlinks-main')
})

/** Packs a room as `npm publish` would. Returns the path of the tarball. */
async function packed(room: string): Promise<string> {
  const args = ['pack', '--json', '--ignore-scripts=false', '--pack-destination', folder]
  await run(path.join(modules, '.bin/tsc'), ['-b', room])
  const { stdout } = await run('npm', args, { cwd: room })
  // The output of prepack may come before the JSON.
  const [pack]: { filename: string; files: { path: string }[] }[] = JSON.parse(stdout.slice(stdout.search(/^\[/m)))
  assert.ok(pack)
  const names = pack.files.map((file) => file.path)
  for (const name of ['dist/index.js', 'dist/index.d.ts', 'README.md', 'LICENSE']) assert.ok(names.includes(name), name)
  assert.deepEqual(
    names.filter((name) => /test|e2e|bench|tsbuildinfo/.test(name)),
    [],
    'no tests are published',
  )
  return path.join(folder, pack.filename)
}
