import { createRequire } from 'node:module'
import { oneOf, readEnvironment, runMain } from '@node-to-cloud/telemetry'
import { help, parseCommandLine, type RunCommand, serviceModes } from './command-line.ts'
import { headlessEnvironment, masterEnvironment, standaloneEnvironment, workerEnvironment } from './environment.ts'

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
    case 'run':
      process.exitCode = await runOnce(command.run)
      return
    case 'service': {
      Object.assign(process.env, command.environment)
      const mode = command.mode ?? readEnvironment({ LOAD_MODE: oneOf(serviceModes) }).LOAD_MODE ?? 'standalone'
      await runService(mode)
    }
  }
})

async function runService(mode: (typeof serviceModes)[number]): Promise<void> {
  switch (mode) {
    case 'standalone': {
      const { runStandalone } = await import('./service/standalone.ts')
      return runStandalone(readEnvironment(standaloneEnvironment), version)
    }
    case 'master': {
      const { runMaster } = await import('./service/master-service.ts')
      return runMaster(readEnvironment(masterEnvironment), version)
    }
    case 'worker': {
      const { runWorker } = await import('./service/worker-service.ts')
      return runWorker(readEnvironment(workerEnvironment), version)
    }
  }
}

async function runOnce(command: RunCommand): Promise<number> {
  const environment = readEnvironment(headlessEnvironment)
  const { runHeadless } = await import('./headless/headless-run.ts')
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(130)
      interrupt.abort()
    })
  }
  // A service's log lines would mix into what a run prints.
  process.env.LOG_LEVEL ??= 'silent'
  return runHeadless(
    { ...command, httpEngine: environment.LOAD_HTTP_ENGINE, maximumSeries: environment.LOAD_MAX_SERIES, version },
    {
      stdout: (text) => void process.stdout.write(text),
      stderr: (text) => void process.stderr.write(text),
      signal: interrupt.signal,
    },
  )
}
