import { fileURLToPath } from 'node:url'
import { runMain } from '@node-to-cloud/telemetry/run-main'
import { createShutdown } from '@node-to-cloud/telemetry/shutdown'

const shutdown = createShutdown()
// Until the workers can be replaced, the signal must not end the process.
if (process.env.RELOAD_ON_SIGHUP?.toLowerCase() === 'true') process.on('SIGHUP', () => {})

runMain('flask-app', async () => {
  const { packageIdentity } = await import('@node-to-cloud/telemetry')
  const { readCommandLine } = await import('@node-to-cloud/command-line')
  const { PROGRAM } = await import('./environment.ts')
  const line = readCommandLine(PROGRAM)
  if (line.kind === 'information') {
    process.stdout.write(line.text)
    return
  }
  const { environment } = line
  const { runPrimary } = await import('@node-to-cloud/telemetry/cluster/primary')
  const workerModule = import.meta.url.endsWith('.ts') ? './worker-main.ts' : './worker-main.js'
  await runPrimary({
    service: packageIdentity(import.meta.url),
    environment,
    shutdown,
    workers: environment.WORKERS,
    exec: fileURLToPath(new URL(workerModule, import.meta.url)),
    execArgv: [...process.execArgv, '--import', import.meta.resolve('@node-to-cloud/telemetry/instrumentation')],
    reloadOnSighup: environment.RELOAD_ON_SIGHUP,
  })
})
