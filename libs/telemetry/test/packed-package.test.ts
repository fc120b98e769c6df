import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from './testing/service-process.ts'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))
const workspaceModules = join(packageFolder, '..', '..', 'node_modules')

/** The code of the first JavaScript block under a heading of the README. */
function readExample(heading = '## A Fastify service'): string {
  const [, section = ''] = readFileSync(join(packageFolder, 'README.md'), 'utf8').split(`${heading}\n`)
  return /```js\n([\s\S]*?)```/.exec(section)?.[1] ?? assert.fail(`the README has no example under ${heading}`)
}

/**
 * Links the packages that `npm install` would fetch for the manifest, and nothing else: they exist, only not in this
 * project.
 */
function linkDependencies(manifestPath: string, to: string): void {
  const { dependencies } = JSON.parse(readFileSync(manifestPath, 'utf8')) as { dependencies: Record<string, string> }
  for (const name of Object.keys(dependencies)) {
    const own = join(packageFolder, 'node_modules', name)
    mkdirSync(dirname(join(to, name)), { recursive: true })
    symlinkSync(existsSync(own) ? own : join(workspaceModules, name), join(to, name))
  }
}

/** An empty project with the package as packed by npm, and its dependencies. */
function installPacked() {
  const project = mkdtempSync(join(tmpdir(), 'empty-project-'))
  execFileSync(process.execPath, [join(workspaceModules, 'typescript', 'bin', 'tsc'), '-b', packageFolder])
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
    cwd: packageFolder,
    encoding: 'utf8',
  })
  const [tarball] = readdirSync(project).filter((name) => name.endsWith('.tgz'))
  assert.ok(tarball, packed)
  const installed = join(project, 'node_modules', '@node-to-cloud', 'telemetry')
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', join(project, tarball), '-C', installed, '--strip-components=1'])
  linkDependencies(join(installed, 'package.json'), join(project, 'node_modules'))
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty-project', version: '1.0.0', type: 'module' }),
  )
  return { project, installed }
}

test("the README's ten lines run from npm pack in an empty project", async () => {
  const { project, installed } = installPacked()
  const module = join(project, 'main.js')
  const example = readExample()
  assert.ok(
    example
      .trim()
      .split('\n')
      .filter((line) => line !== '').length <= 10,
  )
  writeFileSync(
    module,
    `${example}\ntelemetry.logger.info({ url: 'http://localhost:' + app.server.address().port }, 'The service is at it.')\n`,
  )
  assert.deepEqual(
    readdirSync(join(installed, 'dist')).filter((name) => name.includes('.test.')),
    [],
  )

  await using service = new ServiceProcess({ module, conditions: [] })
  await service.untilReady()
  assert.equal(await (await fetch(await service.serviceUrl())).text(), 'Hello World!')
  assert.equal(
    readSeries(
      await service.scrape(),
      'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/",http_response_status_code="200"}',
    ),
    1,
  )
  service.kill('SIGTERM')
  assert.deepEqual(await service.exit, { code: 0, signal: null })
})

test('the lines for a WebSocket and for several processes run too', async () => {
  const { project } = installPacked()
  const websocket = join(project, 'node_modules/@fastify/websocket')
  mkdirSync(dirname(websocket), { recursive: true })
  symlinkSync(join(workspaceModules, '@fastify/websocket'), websocket)
  const module = join(project, 'websocket.js')
  const started = `telemetry.logger.info({ url: 'http://localhost:' + app.server.address().port }, 'The service is at it.')`
  writeFileSync(
    module,
    `${readExample().replace('await app.listen', `${readExample('### A WebSocket')}\nawait app.listen`)}\n${started}\n`,
  )
  await using service = new ServiceProcess({ module, conditions: [] })
  await service.untilReady()
  const socket = new WebSocket(`${(await service.serviceUrl()).replace('http', 'ws')}/echo`)
  await once(socket, 'open')
  socket.send('hello')
  const [{ data }] = (await once(socket, 'message')) as [MessageEvent]
  assert.equal(data, 'hello')
  service.kill('SIGTERM')
  assert.deepEqual(await service.exit, { code: 0, signal: null })

  const clusterModule = join(project, 'cluster.js')
  writeFileSync(clusterModule, readExample('## Several processes'))
  await using several = new ServiceProcess({ module: clusterModule, conditions: [] })
  await several.untilReady()
  assert.equal(await (await fetch(await several.serviceUrl())).text(), 'Hello World!')
  several.kill('SIGHUP')
  await several.untilLog(/^Rolling restart: done/)
  assert.match(await several.scrape(), /^http_server_request_duration_seconds_count\{.*\} 1$/m)
  several.kill('SIGTERM')
  assert.deepEqual(await several.exit, { code: 0, signal: null })
})

test('the lines for another server run by require(), and a bad variable ends them with 2 and one message', async () => {
  const { project } = installPacked()
  const module = join(project, 'main.cjs')
  const example = readExample('## Another HTTP server')
  assert.match(example, /require\(/)
  writeFileSync(
    module,
    `${example}\nserver.on('listening', () => console.log(JSON.stringify({ message: 'The service is at it.', url: 'http://localhost:' + server.address().port })))\n`,
  )
  await using service = new ServiceProcess({ module, conditions: [] })
  await service.untilReady()
  assert.equal(await (await fetch(await service.serviceUrl())).text(), 'Hello World!')
  assert.match(
    await service.scrape(),
    /^http_server_request_duration_seconds_count\{.*http_response_status_code="200"\} 1$/m,
  )
  service.kill('SIGTERM')
  assert.deepEqual(await service.exit, { code: 0, signal: null })

  await using bad = new ServiceProcess({
    module,
    conditions: [],
    env: { OTEL_BSP_MAX_QUEUE_SIZE: '0', LOG_LEVEL: 'loud' },
  })
  assert.equal((await bad.exit).code, 2)
  assert.match(bad.stderr, /OTEL_BSP_MAX_QUEUE_SIZE="0" can't be used.*\n.*LOG_LEVEL="loud" can't be used/)
  assert.doesNotMatch(bad.stderr, /^ {4}at /m)
})

test('a metric, a health check and a registry of your own are served, with the preload module', async () => {
  const { project, installed } = installPacked()
  const own = readExample('A metric and a health check of your own:\n')
  const module = join(project, 'own.js')
  writeFileSync(
    module,
    `${readExample()
      .replace('import { read', 'import { Counter, read')
      .replace('environment })', 'environment, registries: [register] })')
      .replace('import Fastify', "import { Gauge, register } from 'prom-client'\nimport Fastify")}
const database = { isConnected: true }
new Gauge({ name: 'mine', help: 'Mine' }).set(5)
${own}
orders.inc(3)
process.on('SIGUSR2', () => { database.isConnected = false })
telemetry.logger.info({ url: 'http://localhost:' + app.server.address().port }, 'The service is at it.')
`,
  )
  await using service = new ServiceProcess({
    module,
    conditions: [],
    nodeArgs: ['--import', join(installed, 'dist', 'instrumentation.js')],
  })
  await service.untilReady()
  const exposition = await service.scrape()
  assert.equal(readSeries(exposition, 'orders_total'), 3)
  assert.equal(readSeries(exposition, 'mine'), 5)
  service.kill('SIGUSR2')
  const readyz = `${await service.metricsUrl()}/readyz`
  await service.until(
    'it is not ready',
    async () => (await (await fetch(readyz)).text()) === 'not ready: the database is gone\n',
  )
  service.kill('SIGTERM')
  assert.deepEqual(await service.exit, { code: 0, signal: null })
})

const PROGRAMS = {
  'Express 5': `const app = require('express')()
app.get('/users/:id', () => { throw new Error('out of order') })
app.use((error, request, response, next) => { recordError(response, error); next(error) })
const server = createServer(app)`,
  Koa: `const app = new (require('koa'))()
app.use((context) => { setRoute(context.req, '/users/:id'); throw new Error('out of order') })
app.on('error', (error, { res }) => recordError(res, error))
const server = createServer(app.callback())`,
}

for (const [framework, program] of Object.entries(PROGRAMS))
  test(`the lines for ${framework} know the route and the error`, async () => {
    const { project } = installPacked()
    for (const name of ['express', 'koa'])
      symlinkSync(join(workspaceModules, name), join(project, 'node_modules', name))
    for (const claim of program.match(/recordError\(.*\)|setRoute\(context.*?\)/g) ?? [])
      assert.ok(readFileSync(join(packageFolder, 'README.md'), 'utf8').includes(claim.split(';')[0] ?? ''), claim)
    const module = join(project, 'main.cjs')
    writeFileSync(
      module,
      `${readExample('## Another HTTP server')
        .replace('{ httpTelemetry }', '{ httpTelemetry, recordError, setRoute }')
        .replace(/const server = .*/, program)}
server.on('listening', () => console.log(JSON.stringify({ message: 'The service is at it.', url: 'http://localhost:' + server.address().port })))
`,
    )
    await using service = new ServiceProcess({ module, conditions: [] })
    await service.untilReady()
    assert.equal((await fetch(`${await service.serviceUrl()}/users/7`)).status, 500)
    const { severity, stack_trace: stack } = await service.untilLog(/^out of order$/)
    assert.equal(severity, 'ERROR')
    assert.match(String(stack), /^Error: out of order\n/)
    assert.match(await service.scrape(), /http_route="\/users\/:id",http_response_status_code="500".*\} 1$/m)
    service.kill('SIGTERM')
    assert.deepEqual(await service.exit, { code: 0, signal: null })
  })
