import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'

const module = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** A preload module that keeps workers from listening while the file `fault` exists. */
function writeFaultyListen(folder: string): { readonly nodeOptions: string; readonly fault: string } {
  const fault = join(folder, 'fault')
  const preload = join(folder, 'preload.mjs')
  writeFileSync(
    preload,
    `import { existsSync } from 'node:fs'
     import net from 'node:net'
     const { listen } = net.Server.prototype
     net.Server.prototype.listen = function (...args) {
       if (existsSync(${JSON.stringify(fault)})) throw new Error('the disk of the new version is full')
       return listen.apply(this, args)
     }`,
  )
  return { nodeOptions: `--import=${preload}`, fault }
}

test('a new worker that dies before it is ready ends a rolling restart: the old ones keep running, and the log says why', async () => {
  const { nodeOptions, fault } = writeFaultyListen(mkdtempSync(join(tmpdir(), 'flask-app-')))
  await using service = new ServiceProcess({
    module,
    env: { WORKERS: '2', RELOAD_ON_SIGHUP: 'true', NODE_OPTIONS: nodeOptions },
  })
  await service.untilReady()
  await service.until(
    'both workers are ready',
    async () => readSeries(await service.scrape(), 'telemetry_workers') === 2,
  )
  const url = await service.serviceUrl()
  const old = service.children.toSorted()
  const linesLike = (message: RegExp) => service.log.filter((line) => message.test(line.message ?? ''))

  writeFileSync(fault, '')
  // As many deaths as would end a service if no worker had ever been ready.
  for (let failures = 1; failures <= 6; failures++) {
    service.kill('SIGHUP')
    await service.until(
      'the restart has failed',
      () =>
        linesLike(/^Rolling restart: a new worker could not start; the old ones keep running\.$/).length === failures,
    )
    const deaths = linesLike(
      /^A new worker died before it was ready, by exit code 1: the disk of the new version is full\.$/,
    )
    assert.equal(deaths.length, failures)
    assert.deepEqual(service.children.toSorted(), old)
    assert.equal((await fetch(url)).status, 200)
  }

  rmSync(fault)
  service.kill('SIGHUP')
  await service.untilLog(/^Rolling restart: done/)
  const now = service.children
  assert.equal(now.length, 2)
  assert.deepEqual(
    now.filter((pid) => old.includes(pid)),
    [],
  )
  assert.equal((await fetch(url)).status, 200)
})
