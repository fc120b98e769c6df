import { readFile } from 'node:fs/promises'
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js'
import { createLogger, createShutdown, runMain } from '@node-to-cloud/telemetry'
import { type EmulatorConfig, HELP, parseCommandLine } from './command-line.ts'
import { startEmulator } from './emulator.ts'
import { openTlsDirectory } from './tls/tls-directory.ts'

runMain('cloud-emulator', async () => {
  const command = parseCommandLine(process.argv.slice(2), process.env)
  if (command.command === 'help') process.stdout.write(HELP)
  else if (command.command === 'version') process.stdout.write(`${await packageVersion()}\n`)
  else if (command.command === 'tls') await writeTlsFiles(command.tlsDir, command.project)
  else await serve(command.config)
})

async function serve(config: EmulatorConfig): Promise<void> {
  setLogVerbosity(logVerbosity.NONE)
  const shutdown = createShutdown({ timeoutMs: 5_000 })
  const { logger, flush } = await createLogger({ level: config.logLevel })
  shutdown.setLog(logger)
  shutdown.add('log', flush)
  const tls =
    config.tlsDir === undefined ? undefined : await openTlsDirectory(config.tlsDir, { projectId: config.project })
  const emulator = await startEmulator({
    httpAddress: config.httpListenAddress,
    allowedHosts: config.allowedHosts,
    grpcAddress: config.grpcListenAddress,
    ...(tls ? { tls: tls.server, grpcTlsAddress: config.grpcTlsListenAddress } : {}),
    ...(config.dashboardsDir === undefined ? {} : { dashboardsDir: config.dashboardsDir }),
    project: config.project,
    retentionSeconds: config.retentionSeconds,
    maxSeries: config.maxSeries,
    maxSpans: config.maxSpans,
    maxPointBytes: config.maxPointMegabytes * 1024 * 1024,
    maxSpanBytes: config.maxSpanMegabytes * 1024 * 1024,
  })
  shutdown.add('emulator', () => emulator.close())
  for (const problem of emulator.dashboardProblems) logger.warn(`A dashboard could not be loaded: ${problem}`)
  const { http, grpc, grpcTls } = emulator.state.endpoints
  logger.info(
    { project: config.project },
    `Cloud emulator: ${http} (web UI, REST, OTLP), gRPC at ${grpc}${grpcTls === undefined ? '' : `, gRPC over TLS at ${grpcTls}`}.`,
  )
  if (tls)
    logger.info(
      `For the TLS port: GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=${tls.caFile} GOOGLE_APPLICATION_CREDENTIALS=${tls.credentialsFile}`,
    )
}

async function writeTlsFiles(directory: string, projectId: string): Promise<void> {
  const { caFile, credentialsFile, written } = await openTlsDirectory(directory, { projectId })
  process.stdout.write(`${written ? 'Wrote' : 'Still valid:'} ${caFile} and ${credentialsFile}\n`)
}

async function packageVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  return String(JSON.parse(text).version)
}
