import './heap-limits.ts'
import { createLogger, createShutdown, runMain } from '@node-to-cloud/telemetry'
import { readConfig, startApp } from './app.ts'
import { usage } from './config/flag-specs.ts'
import { parseFlags } from './config/flags.ts'
import { findIdentity, gceMetadata } from './config/identity.ts'
import { VERSION } from './version.ts'
import { credentialsProject } from './write/api-client.ts'

runMain('prometheus-sidecar', async () => {
  const shutdown = createShutdown()
  const flags = parseFlags(process.argv.slice(2), process.env)
  if (flags === 'help' || flags === 'version') {
    process.stdout.write(flags === 'help' ? usage() : `prometheus-sidecar ${VERSION}\n`)
    process.exit(0)
  }
  const log = await createLogger({ level: flags.logLevel })
  shutdown.setLog(log.logger)
  shutdown.add('log', () => log.flush())
  const identity = await findIdentity(flags, {
    metadata: () => gceMetadata(process.env),
    credentialsProject,
  })
  shutdown.setTimeoutMs(flags.shutdownGraceMs + 15_000)
  const app = await startApp(await readConfig(flags, identity), log.logger)
  shutdown.add('sidecar', () => app.close())
})
