import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'

const module = fileURLToPath(new URL('main.ts', import.meta.url))

/** Writes a module that is loaded before all others. */
function writePreload(code: string): string {
  const preload = join(mkdtempSync(join(tmpdir(), 'flask-app-')), 'preload.mjs')
  writeFileSync(preload, code)
  return `--import=${preload}`
}

/** Sends a signal to its own process when the first large library is about to be loaded. */
const signalItself = (signal: NodeJS.Signals, role: 'primary' | 'worker') =>
  writePreload(`
    import cluster from 'node:cluster'
    import { registerHooks } from 'node:module'
    const role = cluster.isPrimary ? 'primary' : 'worker'
    let isSent = role !== ${JSON.stringify(role)}
    registerHooks({
      load(url, context, nextLoad) {
        if (!isSent && /node_modules\\/(pino|prom-client)\\//.test(url)) {
          isSent = true
          process.kill(process.pid, ${JSON.stringify(signal)})
        }
        return nextLoad(url, context)
      },
    })`)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`the handler of ${signal} is installed before anything slow is loaded: the service exits with 0`, async () => {
    await using service = new ServiceProcess({ module, nodeArgs: [signalItself(signal, 'primary')] })
    assert.deepEqual(await service.exit, { code: 0, signal: null })
    assert.equal(service.stderr, '')
  })
}

test('a SIGHUP for a reload that arrives during boot does not end the service', async () => {
  await using service = new ServiceProcess({
    module,
    nodeArgs: [signalItself('SIGHUP', 'primary')],
    env: { RELOAD_ON_SIGHUP: 'true' },
  })
  await service.untilReady()
})

test("a worker's SIGTERM handler is installed before anything slow is loaded", async () => {
  await using service = new ServiceProcess({
    module,
    nodeArgs: [signalItself('SIGTERM', 'worker')],
    env: { WORKERS: '1' },
  })
  assert.match((await service.untilLog(/^A worker died/)).message ?? '', /^A worker died by exit code 0;/)
})

test('the primary loads no OpenTelemetry SDK, exporter, Fastify or code of the service, even if the workers record traces', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flask-app-modules-'))
  const preload = writePreload(`
    import { writeFileSync } from 'node:fs'
    import cluster from 'node:cluster'
    import { registerHooks } from 'node:module'
    const role = cluster.isPrimary ? 'primary' : 'worker'
    const urls = []
    registerHooks({ load: (url, context, nextLoad) => (urls.push(url), nextLoad(url, context)) })
    process.on('exit', () => writeFileSync(${JSON.stringify(folder)} + '/' + role + process.pid, JSON.stringify(urls)))`)
  await using service = new ServiceProcess({
    module,
    nodeArgs: [preload],
    env: { WORKERS: '1', OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
  })
  await service.untilReady()
  await service.scrape()
  service.kill('SIGTERM')
  assert.deepEqual(await service.exit, { code: 0, signal: null })
  const loadedBy = (role: string) => {
    const file = readdirSync(folder).find((name) => name.startsWith(role)) ?? assert.fail(`no ${role} exited cleanly`)
    return JSON.parse(readFileSync(join(folder, file), 'utf8')) as string[]
  }
  const needless =
    /node_modules\/(@opentelemetry\/(?!api\/)|@google-cloud|google-|fastify|@fastify|undici)|\/src\/fastify\/|flask-app\/src\/(app|worker|chaos|hello)/
  assert.deepEqual(
    loadedBy('primary').filter((url) => needless.test(url)),
    [],
  )
  assert.ok(
    loadedBy('primary').some((url) => url.includes('/prom-client/')),
    'the loaded modules were recorded',
  )
  for (const part of ['/sdk-trace-base/', '/fastify/', 'flask-app/src/app.ts'])
    assert.ok(
      loadedBy('worker').some((url) => url.includes(part)),
      part,
    )
})

test('the primary serves no requests, even with one worker', async () => {
  await using service = new ServiceProcess({ module, env: { WORKERS: '1' } })
  await service.untilReady()
  const [worker] = service.children
  assert.equal(service.children.length, 1)
  await fetch(await service.serviceUrl())
  assert.equal((await service.untilLog(/^Received hello request !$/)).pid, worker)
  assert.equal(readSeries(await service.scrape(), 'telemetry_workers'), 1)
})
