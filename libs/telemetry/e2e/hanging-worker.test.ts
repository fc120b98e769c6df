import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'

const source = (path: string) => JSON.stringify(fileURLToPath(new URL(`../src/${path}`, import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'telemetry-hanging-worker-'))
/** While this file is there, a worker that starts does nothing. */
const fault = join(folder, 'fault')
const primary = join(folder, 'primary.mjs')
const worker = join(folder, 'worker.mjs')

writeFileSync(
  primary,
  `import { readEnvironment, telemetryEnvironment } from ${source('index.ts')}
   import { runPrimary } from ${source('cluster/primary.ts')}
   import { createShutdown } from ${source('process/shutdown.ts')}
   await runPrimary({
     service: { name: 'test', version: '1.2.3' },
     environment: readEnvironment(telemetryEnvironment({ metricsPort: 0 })),
     shutdown: createShutdown(),
     workers: 1,
     exec: ${JSON.stringify(worker)},
     reloadOnSighup: true,
     readyTimeoutMs: 5_000,
   })`,
)
writeFileSync(
  worker,
  `import { existsSync } from 'node:fs'
   import { joinCluster } from ${source('cluster/worker.ts')}
   import { installWorkerSignals } from ${source('cluster/worker-signals.ts')}
   import { readEnvironment, startTelemetry, telemetryEnvironment } from ${source('index.ts')}
   import { createShutdown } from ${source('process/shutdown.ts')}
   const shutdown = createShutdown({ signals: [] })
   installWorkerSignals(shutdown)
   while (existsSync(${JSON.stringify(fault)})) await new Promise((resolve) => setTimeout(resolve, 1_000))
   const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
   const service = { name: 'test', version: '1.2.3' }
   joinCluster({ telemetry: await startTelemetry({ service, environment, shutdown, role: 'worker' }) }).setReady('http://127.0.0.1/')`,
)

test('a new worker that hangs while it starts ends a rolling restart: the old one goes on, and the log says why', async () => {
  await using service = new ServiceProcess({ module: primary })
  await service.until('a worker is ready', async () => readSeries(await service.scrape(), 'telemetry_workers') === 1)
  writeFileSync(fault, '')
  service.kill('SIGHUP')
  await service.untilLog(/^A new worker died before it was ready, by signal SIGKILL: it was not ready after 5 s\.$/)
  await service.untilLog(/^Rolling restart: a new worker could not start; the old ones go on\.$/)
  assert.equal(readSeries(await service.scrape(), 'telemetry_workers'), 1)
  rmSync(fault)
  service.kill('SIGHUP')
  await service.untilLog(/^Rolling restart: done/)
})
