import { runMain } from '@node-to-cloud/telemetry/run-main'
import { createShutdown } from '@node-to-cloud/telemetry/shutdown'

const shutdown = createShutdown()

runMain('custom-metrics-example', async () => {
  const { readCommandLine } = await import('@node-to-cloud/command-line')
  const { PROGRAM } = await import('./environment.ts')
  const line = readCommandLine(PROGRAM)
  if (line.kind === 'information') process.stdout.write(line.text)
  else {
    const { startApp } = await import('./app.ts')
    await startApp(line.environment, shutdown)
  }
})
