import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js'
import { type HostPort, type Invocation, readCommandLine } from '@node-to-cloud/command-line'
import { createLogger, createShutdown, type Logger, runMain, urlHost } from '@node-to-cloud/telemetry'
import { checkFiles } from './check/check-files.ts'
import { reportText } from './check/report-text.ts'
import { policyTestText, testPolicyFile } from './check/test-policy-file.ts'
import { PROGRAM } from './command-line.ts'
import { type Emulator, startEmulator } from './emulator.ts'
import type { EmulatorOptions } from './emulator-options.ts'
import { openTlsDirectory, type TlsDirectory } from './tls/tls-directory.ts'

type Commands = (typeof PROGRAM)['commands']

const MEGABYTE = 1024 * 1024

runMain('cloud-emulator', async () => {
  const line = readCommandLine(PROGRAM)
  if (line.kind === 'information') process.stdout.write(line.text)
  else if (line.command === 'tls') await writeTlsFiles(line.options)
  else if (line.command === 'test-policy') await testPolicy(line.arguments.FILE, line.options)
  else if (line.command === 'check') await check(line.arguments.PATH, line.options)
  else await serve(line.options)
})

type ServeOptions = Invocation<'serve', Commands['serve']>['options']

async function serve(options: ServeOptions): Promise<void> {
  setLogVerbosity(logVerbosity.NONE)
  const { project, 'tls-dir': tlsDir, 'http.listen-address': http, 'https.listen-address': https } = options
  const shutdown = createShutdown({ timeoutMs: 5_000 })
  const { logger, flush } = await createLogger({ level: options['log.level'] })
  shutdown.setLog(logger)
  shutdown.add('log', flush)
  const tls = tlsDir === undefined ? undefined : await openTlsDirectory(tlsDir, credentialsFor(project, http))
  const emulator = await startEmulator({
    ...emulatorOptions(options),
    ...(tls && {
      tls: tls.server,
      grpcTlsAddress: options['grpc-tls.listen-address'],
      httpsAddress: https,
    }),
    warn: (message) => logger.warn(message),
  })
  shutdown.add('emulator', () => emulator.close())
  if (tlsDir !== undefined && http.port === 0)
    await openTlsDirectory(tlsDir, credentialsFor(project, { ...http, port: emulator.httpPort }))
  announce(emulator, { project, tls, logger })
}

function emulatorOptions(options: ServeOptions): EmulatorOptions {
  const { dashboards, policies, 'data-dir': dataDir } = options
  return {
    project: options.project,
    strict: options.strict,
    httpAddress: options['http.listen-address'],
    allowedHosts: options['http.allowed-host'],
    grpcAddress: options['grpc.listen-address'],
    otlpGrpcAddress: options['otlp-grpc.listen-address'],
    otlpHttpAddress: options['otlp-http.listen-address'],
    notifyAllow: options['notify.allow'],
    uptimeAllow: options['uptime.allow'],
    ...(dashboards !== undefined && { dashboardsDir: dashboards }),
    ...(policies !== undefined && { policiesDir: policies }),
    ...(dataDir !== undefined && { dataDir }),
    retentionSeconds: options.retention / 1000,
    maxSeries: options['max-series'],
    maxSpans: options['max-spans'],
    memoryBytes: options.memory,
    maxPointBytes: bytesOf(options['max-point-megabytes']),
    maxSpanBytes: bytesOf(options['max-span-megabytes']),
    maxLogBytes: bytesOf(options['max-log-megabytes']),
    maxQuerySamples: options['query.max-samples'],
    quotas: {
      activeSeries: options['quota.active-series'],
      requestsPerMinute: options['quota.requests-per-minute'] || Number.POSITIVE_INFINITY,
      samplingPeriodMicros: options['quota.sampling-period'] * 1000,
    },
  }
}

/** Prints where the emulator listens, and what could not be loaded. */
function announce(
  { state, takenPorts, dashboardProblems, policyProblems }: Emulator,
  {
    project,
    tls,
    logger,
  }: { readonly project: string; readonly tls: TlsDirectory | undefined; readonly logger: Logger },
): void {
  for (const problem of dashboardProblems) logger.warn(`A dashboard could not be loaded: ${problem}`)
  for (const taken of takenPorts) logger.warn(taken)
  for (const problem of policyProblems) logger.warn(`An alert policy could not be loaded: ${problem}`)
  const { http, grpc, grpcTls, https, otlpGrpc, otlpHttp } = state.endpoints
  const overTls = grpcTls === undefined ? '' : `, gRPC over TLS at ${grpcTls}, REST over TLS at ${https}`
  logger.info({ project }, `Cloud emulator: ${http} (web UI, REST, OTLP), gRPC at ${grpc}${overTls}.`)
  const otlp = [otlpHttp, otlpGrpc && `${otlpGrpc} (gRPC)`].filter((address) => address !== undefined)
  if (otlp.length > 0) logger.info(`OTLP (traces, metrics, logs) also on its default ports: ${otlp.join(', ')}.`)
  if (tls)
    logger.info(
      `For the TLS ports: GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=${tls.caFile} GOOGLE_APPLICATION_CREDENTIALS=${tls.credentialsFile}`,
    )
}

function bytesOf(megabytes: number | undefined): number | undefined {
  return megabytes === undefined ? undefined : megabytes * MEGABYTE
}

async function check(
  paths: readonly string[],
  options: Invocation<'check', Commands['check']>['options'],
): Promise<void> {
  const report = await checkFiles(paths)
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : reportText(report))
  if (report.problems.length > 0) process.exitCode = 1
}

async function testPolicy(
  file: string,
  options: Invocation<'test-policy', Commands['test-policy']>['options'],
): Promise<void> {
  const { from: startMs, to: endMs, url, project, expect, json } = options
  const answer = await testPolicyFile(file, { startMs, endMs, url: url.toString(), project })
  process.stdout.write(json ? `${JSON.stringify(answer)}\n` : policyTestText(answer))
  const outcome = answer.incidents.length > 0 ? 'fires' : 'quiet'
  if (expect !== undefined && expect !== outcome) process.exitCode = 1
}

async function writeTlsFiles(options: Invocation<'tls', Commands['tls']>['options']): Promise<void> {
  const { project, 'tls-dir': tlsDir, 'http.listen-address': http } = options
  const { caFile, credentialsFile, written } = await openTlsDirectory(tlsDir, credentialsFor(project, http))
  process.stdout.write(`${written ? 'Wrote' : 'Still valid:'} ${caFile} and ${credentialsFile}\n`)
}

/** The project of the credentials in a TLS directory, and where they get their tokens. */
function credentialsFor(projectId: string, { host, port }: HostPort) {
  return { projectId, tokenUrl: `http://${urlHost(host)}:${port}/token` }
}
