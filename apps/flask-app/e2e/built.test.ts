import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Builds flask-app and copies what its image contains: the build output and its dependencies, no sources. */
function assemble(): string {
  const image = mkdtempSync(join(tmpdir(), 'flask-app-image-'))
  const run = (...args: readonly string[]) => execFileSync(process.execPath, args, { cwd: root, stdio: 'pipe' })
  run('node_modules/typescript/bin/tsc', '-b', 'apps/flask-app')
  run('deploy/src/image/assemble.ts', 'apps/flask-app', image)
  return image
}

/** The environment that the image sets. */
function environmentOfImage(): Record<string, string> {
  const dockerfile = readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8')
  return Object.fromEntries(
    [...dockerfile.matchAll(/^ENV (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
}

test('flask-app from dist, as its image runs it: two workers respond, SIGHUP replaces them, and it exits with 0 on SIGTERM', async () => {
  const image = assemble()
  assert.ok(!existsSync(join(image, 'apps/flask-app/src')))
  await using service = new ServiceProcess({
    module: join(image, 'apps/flask-app/bin/flask-app.js'),
    conditions: [],
    env: { ...environmentOfImage(), WORKERS: '2', RUNTIME_METRICS_ALIAS: 'python' },
  })
  await service.untilReady()
  await service.until(
    'both workers are ready',
    async () => readSeries(await service.scrape(), 'telemetry_workers') === 2,
  )
  const url = await service.serviceUrl()
  for (let count = 0; count < 10; count++) {
    const response = await fetch(url, { headers: { connection: 'close' } })
    assert.equal(await response.text(), 'Hello World!')
  }
  const hello = 'flask_app_hello_requests_total{app="flask-app",environment="staging"}'
  assert.equal(readSeries(await service.scrape(), hello), 10)
  service.kill('SIGHUP')
  await service.untilLog(/^Rolling restart: done/)
  assert.equal((await fetch(url)).status, 200)
  service.kill('SIGTERM')
  assert.deepEqual(await service.exit, { code: 0, signal: null })
  assert.equal(service.stderr, '')
  rmSync(image, { recursive: true })
})
