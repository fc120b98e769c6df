import { readCommandLine } from '@node-to-cloud/command-line'
import { runMain } from '@node-to-cloud/telemetry/run-main'
import {
  fleetOf,
  type KubernetesInvocation,
  kubernetesOptionsOf,
  loadDotenv,
  loadOf,
  PROGRAM,
  programFor,
  type RunInvocation,
  settingsOf,
} from './command-line.ts'
import type { HeadlessOutput } from './headless/headless-run.ts'

const { version } = PROGRAM

runMain('loadtester', async () => {
  const line = readCommandLine(programFor(process.env))
  if (line.kind === 'information') {
    process.stdout.write(line.text)
    return
  }
  switch (line.command) {
    case 'run':
      process.exitCode = await run(line)
      return
    case 'k8s':
      process.exitCode = await runInCluster(line)
      return
    case 'standalone': {
      const { runStandalone } = await import('./service/standalone.ts')
      return runStandalone({ ...line.environment, expectWorkers: line.options['expect-workers'] }, version)
    }
    case 'master': {
      const { runMaster } = await import('./service/master-service.ts')
      return runMaster({ ...line.environment, expectWorkers: line.options['expect-workers'] }, version)
    }
    case 'worker': {
      const { runWorker } = await import('./service/worker-service.ts')
      return runWorker(
        { ...line.environment, master: line.options.master, endsWithMaster: line.options['end-with-master'] },
        version,
      )
    }
  }
})

async function run(line: RunInvocation): Promise<number> {
  const { options, environment } = line
  const load = loadOf(line)
  const settings = settingsOf(line)
  if (options.dotenv !== undefined) loadDotenv(options.dotenv, line.calledAs)
  const { runHeadless } = await import('./headless/headless-run.ts')
  // Log lines of a service must not be mixed into the output.
  process.env.LOG_LEVEL ??= 'silent'
  return runHeadless(
    {
      ...{ load, settings },
      script: line.arguments.SCRIPT,
      fleet: fleetOf(line),
      bundle: options.bundle,
      files: { report: options.report, csvPrefix: options.csv, junit: options.junit, output: options.output },
      percentiles: options.percentiles,
      failOnErrors: options['fail-on-errors'] === true,
      json: options.json,
      quiet: options.quiet,
      httpEngine: environment.LOAD_HTTP_ENGINE,
      maximumSeries: environment.LOAD_MAX_SERIES,
      version,
    },
    terminal(),
  )
}

async function runInCluster(line: KubernetesInvocation): Promise<number> {
  const options = kubernetesOptionsOf(line)
  if (line.options.dotenv !== undefined) loadDotenv(line.options.dotenv, line.calledAs)
  const { runInKubernetes } = await import('./kubernetes/kubernetes-run.ts')
  return runInKubernetes(options, terminal())
}

/** Standard output and error, and a signal: the first one stops what runs, the second one ends the process. */
function terminal(): HeadlessOutput {
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(130)
      interrupt.abort()
    })
  }
  return {
    stdout: (output) => void process.stdout.write(output),
    stderr: (output) => void process.stderr.write(output),
    signal: interrupt.signal,
  }
}
