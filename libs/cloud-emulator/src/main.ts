import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js'
import { type HostPort, type Invocation, readCommandLine } from '@node-to-cloud/command-line'
import { createLogger, createShutdown, runMain, urlHost } from '@node-to-cloud/telemetry'
import { checkFiles } from './check/check-files.ts'
import { reportText } from './check/report-text.ts'
import { policyTestText, testPolicyFile } from './check/test-policy-file.ts'
import { PROGRAM } from './command-line.ts'
import { startEmulator } from './emulator.ts'
import { openTlsDirectory } from './tls/tls-directory.ts'

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

async function serve(options: Invocation<'serve', Commands['serve']>['options']): Promise<void> {
  setLogVerbosity(logVerbosity.NONE)
  const { project, dashboards, policies, 'tls-dir': tlsDir } = options
  const shutdown = createShutdown({ timeoutMs: 5_000 })
  const { logger, flush } = await createLogger({ level: options['log.level'] })
  shutdown.setLog(logger)
  shutdown.add('log', flush)
  const httpAddress = options['http.listen-address']
  const tls =
    tlsDir === undefined
      ? undefined
      : await openTlsDirectory(tlsDir, {
          projectId: project,
          tokenUrl: tokenUrl(httpAddress),
          secureTokenUrl: secureTokenUrl(options['https.listen-address']),
        })
  const emulator = await startEmulator({
    httpAddress,
    allowedHosts: options['http.allowed-host'],
    grpcAddress: options['grpc.listen-address'],
    ...(tls
      ? {
          tls: tls.server,
          grpcTlsAddress: options['grpc-tls.listen-address'],
          httpsAddress: options['https.listen-address'],
        }
      : {}),
    otlpGrpcAddress: options['otlp-grpc.listen-address'],
    otlpHttpAddress: options['otlp-http.listen-address'],
    strict: options.strict,
    ...(dashboards === undefined ? {} : { dashboardsDir: dashboards }),
    notifyAllow: options['notify.allow'],
    uptimeAllow: options['uptime.allow'],
    ...(policies === undefined ? {} : { policiesDir: policies }),
    project,
    ...(options['data-dir'] === undefined ? {} : { dataDir: options['data-dir'] }),
    warn: (message) => logger.warn(message),
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
  })
  shutdown.add('emulator', () => emulator.close())
  const httpsAddress = options['https.listen-address']
  if (tlsDir !== undefined && (httpAddress.port === 0 || httpsAddress.port === 0))
    await openTlsDirectory(tlsDir, {
      projectId: project,
      tokenUrl: tokenUrl({ host: httpAddress.host, port: emulator.httpPort }),
      secureTokenUrl: secureTokenUrl({ host: httpsAddress.host, port: emulator.httpsPort ?? 0 }),
    })
  for (const problem of emulator.dashboardProblems) logger.warn(`A dashboard could not be loaded: ${problem}`)
  for (const taken of emulator.takenPorts) logger.warn(taken)
  for (const problem of emulator.policyProblems) logger.warn(`An alert policy could not be loaded: ${problem}`)
  const { http, grpc, grpcTls, https, otlpGrpc, otlpHttp } = emulator.state.endpoints
  logger.info(
    { project },
    `Cloud emulator: ${http} (web UI, REST, OTLP), gRPC at ${grpc}${grpcTls === undefined ? '' : `, gRPC over TLS at ${grpcTls}, REST over TLS at ${https}`}.`,
  )
  const otlp = [otlpHttp, otlpGrpc && `${otlpGrpc} (gRPC)`].filter((address) => address !== undefined)
  if (otlp.length > 0)
    logger.info(`OTLP (traces, metrics, logs) also on the ports that its clients know: ${otlp.join(', ')}.`)
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
  const { caFile, credentialsFile, secureCredentialsFile, written } = await openTlsDirectory(options['tls-dir'], {
    projectId: options.project,
    tokenUrl: tokenUrl(options['http.listen-address']),
    secureTokenUrl: secureTokenUrl(options['https.listen-address']),
  })
  process.stdout.write(
    `${written ? 'Wrote' : 'Still valid:'} ${caFile}, ${credentialsFile} and ${secureCredentialsFile}\n`,
  )
}

function tokenUrl({ host, port }: HostPort): string {
  return `http://${urlHost(host)}:${port}/token`
}

function secureTokenUrl({ host, port }: HostPort): string {
  return `https://${urlHost(host)}:${port}/token`
}
