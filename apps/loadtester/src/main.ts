import { createRequire } from 'node:module'
import { readEnvironment, runMain } from '@node-to-cloud/telemetry'
import { help, parseCommandLine } from './command-line.ts'
import { loadtesterEnvironment } from './environment.ts'
import { runStandalone } from './standalone.ts'

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

runMain('loadtester', async () => {
  const command = parseCommandLine(process.argv.slice(2))
  switch (command.kind) {
    case 'help':
      process.stdout.write(help)
      return
    case 'version':
      process.stdout.write(`${version}\n`)
      return
    case 'service':
      await runStandalone(readEnvironment(loadtesterEnvironment), version)
  }
})
