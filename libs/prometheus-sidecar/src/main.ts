import './heap-limits.ts'
import { createLogger, createShutdown, runMain } from '@node-to-cloud/telemetry'
import { readConfig } from './config/config.ts'
import { parseFlags } from './config/flags.ts'
import { findIdentity, gceMetadata } from './config/identity.ts'

const FLUSH_AND_CLOSE_MS = 15_000

runMain('prometheus-sidecar', async () => {
  const shutdown = createShutdown()
  const flags = parseFlags(process.argv.slice(2), process.env)
  if ('kind' in flags) {
    process.stdout.write(flags.text)
    process.exit(0)
  }
  const log = await createLogger({ level: flags.logLevel })
  shutdown.setLog(log.logger)
  shutdown.add('log', () => log.flush())
  // Google's library for credentials takes a while to load, so it is loaded only after the flags have been read.
  const { credentialsProject } = await import('./write/api-credentials.ts')
  const { startApp } = await import('./app.ts')
  const identity = await findIdentity(flags, { metadata: () => gceMetadata(process.env), credentialsProject })
  shutdown.setTimeoutMs(flags.shutdownGraceMs + FLUSH_AND_CLOSE_MS)
  const app = await startApp(await readConfig(flags, identity), log.logger)
  shutdown.add('sidecar', () => app.close())
})
