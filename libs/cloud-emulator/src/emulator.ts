import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatHostPort, type HostPort, ListenError, messageOf } from '@node-to-cloud/command-line'
import { createState, loadFolders } from './create-state.ts'
import type { EmulatorOptions } from './emulator-options.ts'
import type { EmulatorState } from './emulator-state.ts'
import { endpointsOf } from './endpoints.ts'
import { type GrpcListener, listenGrpc, type TlsMaterial } from './grpc/grpc-server.ts'
import { storeCalls } from './persistence/store-calls.ts'
import { buildHttpServer, type HttpServer } from './web/http-server.ts'

/** A running emulator. */
export interface Emulator {
  readonly state: EmulatorState
  readonly http: HttpServer
  /** The files of `dashboardsDir` that could not be loaded, and why. */
  readonly dashboardProblems: readonly string[]
  /** The same for `policiesDir`. */
  readonly policyProblems: readonly string[]
  readonly httpPort: number
  readonly grpcPort: number
  readonly grpcTlsPort: number | undefined
  readonly httpsPort: number | undefined
  /** Also undefined if the port was in use. */
  readonly otlpGrpcPort: number | undefined
  readonly otlpHttpPort: number | undefined
  /** Messages about OTLP ports that were in use. */
  readonly takenPorts: readonly string[]
  close(): Promise<void>
}

type Closer = () => Promise<void>

const SWEEP_INTERVAL_MS = 10_000
const JOURNAL_SWEEP_MS = 60_000
const EVALUATION_CHECK_MS = 1000
const ANY_PORT: HostPort = { host: '127.0.0.1', port: 0 }

/** Starts the emulator on its ports. Rejects if a port is not available or a folder can't be used. */
export async function startEmulator(given: EmulatorOptions = {}): Promise<Emulator> {
  const options = { httpAddress: ANY_PORT, grpcAddress: ANY_PORT, ...given }
  const state = createState(options)
  const { httpAddress, grpcAddress, grpcTlsAddress, httpsAddress, tls } = options
  const { dashboardProblems, policyProblems } = await loadFolders(state, options)
  const closers: Closer[] = [() => state.promql.close()]
  try {
    await storeInDirectory(state, options, closers)
    const grpc = await listen(state, grpcAddress, undefined, closers)
    const grpcTls = tls && grpcTlsAddress ? await listen(state, grpcTlsAddress, tls, closers) : undefined
    const http = await buildHttpServer(state, { host: httpAddress.host, allowedHosts: options.allowedHosts ?? [] })
    closers.push(() => http.close())
    const httpPort = await http.listen(httpAddress)
    const httpsPort = tls && httpsAddress ? await http.listenBeside(httpsAddress, tls) : undefined
    const otlp = await listenOtlp(state, { options, http, closers })
    state.endpoints = endpointsOf(options, {
      http: httpPort,
      grpc: grpc.port,
      grpcTls: grpcTls?.port,
      https: httpsPort,
      otlpGrpc: otlp.grpcPort,
      otlpHttp: otlp.httpPort,
    })
    closers.push(sweepRegularly(state), evaluateRegularly(state))
    return {
      state,
      http,
      dashboardProblems,
      policyProblems,
      httpPort,
      grpcPort: grpc.port,
      grpcTlsPort: grpcTls?.port,
      httpsPort,
      otlpGrpcPort: otlp.grpcPort,
      otlpHttpPort: otlp.httpPort,
      takenPorts: otlp.takenPorts,
      close: () => closeAll(closers),
    }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

async function listen(
  state: EmulatorState,
  address: HostPort,
  tls: TlsMaterial | undefined,
  closers: Closer[],
): Promise<GrpcListener> {
  const listener = await listenGrpc(state.dispatcher, { address: formatHostPort(address), ...(tls ? { tls } : {}) })
  closers.push(() => listener.close())
  return listener
}

/** Another program, such as a Collector, may use these ports, and the emulator works without them. */
async function listenOtlp(
  state: EmulatorState,
  { options, http, closers }: { options: EmulatorOptions; http: HttpServer; closers: Closer[] },
): Promise<{ grpcPort: number | undefined; httpPort: number | undefined; takenPorts: string[] }> {
  const takenPorts: string[] = []
  const unlessInUse = async (what: string, port: Promise<number> | undefined): Promise<number | undefined> => {
    try {
      return await port
    } catch (error) {
      if (!(error instanceof ListenError)) throw error
      takenPorts.push(`${what}: ${error.message}`)
      return undefined
    }
  }
  const { otlpGrpcAddress, otlpHttpAddress } = options
  const grpcPort = await unlessInUse(
    'No OTLP over gRPC',
    otlpGrpcAddress && listen(state, otlpGrpcAddress, undefined, closers).then(({ port }) => port),
  )
  const httpPort = await unlessInUse('No OTLP over HTTP', otlpHttpAddress && http.listenBeside(otlpHttpAddress))
  return { grpcPort, httpPort, takenPorts }
}

/** Restores the contents of `dataDir`, and stores new calls there. */
async function storeInDirectory(state: EmulatorState, options: EmulatorOptions, closers: Closer[]): Promise<void> {
  const { dataDir, warn = () => {} } = options
  if (dataDir === undefined) return
  const { dispatcher, clock, ownMetrics } = state
  const journal = await storeCalls({
    directory: dataDir,
    dispatcher,
    clock,
    retentionMs: state.retentionSeconds * 1000,
    warn,
    failed: (error, calls) => {
      ownMetrics.callsNotStored(calls)
      const lost = plural(calls, 'call')
      warn(
        `${calls} ${lost} could not be stored in ${dataDir}, and will be missing after a restart: ${messageOf(error)}`,
      )
    },
  })
  const timer = setInterval(() => void journal.sweep(state.nowMs()).catch(() => {}), JOURNAL_SWEEP_MS).unref()
  state.clearStored = () => journal.clear()
  closers.push(async () => {
    clearInterval(timer)
    await journal.close()
  })
}

function sweepRegularly({ metrics, spans, logs, nowMs }: EmulatorState): Closer {
  const timer = setInterval(() => {
    metrics.sweep(nowMs() * 1000)
    spans.sweep(nowMs() * 1000)
    logs.sweep(nowMs() * 1000)
  }, SWEEP_INTERVAL_MS).unref()
  return async () => clearInterval(timer)
}

function evaluateRegularly({ alerting }: EmulatorState): Closer {
  const timer = setInterval(() => void alerting.catchUp(), EVALUATION_CHECK_MS).unref()
  return async () => {
    clearInterval(timer)
    alerting.close()
  }
}

async function closeAll(closers: readonly Closer[]): Promise<void> {
  await Promise.all(closers.map((close) => close()))
}
