import { v3 } from '@google-cloud/monitoring'
import { Client, type ClientUnaryCall, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { messageOf } from '@node-to-cloud/command-line'
import type { ApiAddress } from '../config/api-address.ts'
import type { ApiError } from './api-error.ts'
import type { CreateTimeSeries } from './writer.ts'

/** A connection to Cloud Monitoring. */
export interface ApiClient {
  readonly createTimeSeries: CreateTimeSeries
  close(): Promise<void>
}

const METHOD = '/google.monitoring.v3.MetricService/CreateTimeSeries'
const unchanged = (bytes: Buffer): Buffer => bytes

/** Without a universe domain, Google's client would look for credentials to find out theirs. */
const PLAINTEXT = { sslCreds: credentials.createInsecure(), clientOptions: { universeDomain: 'googleapis.com' } }

class CallError extends Error implements ApiError {
  readonly code: number
  readonly details: Uint8Array | undefined

  constructor(cause: ServiceError) {
    super(cause.details || cause.message, { cause })
    this.name = 'CallError'
    this.code = cause.code
    const [details] = cause.metadata?.get('grpc-status-details-bin') ?? []
    this.details = details instanceof Uint8Array ? details : undefined
  }
}

/** There are no usable credentials for Cloud Monitoring. */
export class CredentialsError extends Error {
  readonly code = 'ERR_CREDENTIALS'
  readonly exitCode = 1

  constructor(cause: unknown) {
    const reason = messageOf(cause).trim().replace(/\.$/, '')
    super(
      `no usable Google credentials: ${reason}. Set GOOGLE_APPLICATION_CREDENTIALS, run "gcloud auth application-default login", or write to ` +
        "cloud-emulator with --stackdriver.api-address='http://127.0.0.1:8086/?auth=false'.",
      { cause },
    )
    this.name = 'CredentialsError'
  }
}

/** Google's client reads this variable only for the address, and then refuses credentials of that universe. */
function universe({ GOOGLE_CLOUD_UNIVERSE_DOMAIN: domain = '' }: NodeJS.ProcessEnv): { universeDomain?: string } {
  return domain === '' ? {} : { universeDomain: domain }
}

/**
 * Connects by Google's own client (`@google-cloud/monitoring`: Application Default Credentials, Workload Identity,
 * channel), which is given requests that are already encoded. Nothing is sent before the first request. Throws a {@link
 * CredentialsError}.
 */
export async function connectApi(address: ApiAddress, options: { readonly projectId: string }): Promise<ApiClient> {
  const client = new v3.MetricServiceClient({
    apiEndpoint: address.host,
    port: address.port,
    projectId: options.projectId,
    ...(address.authenticated ? universe(process.env) : PLAINTEXT),
  })
  const stub: unknown = await client.initialize().catch((cause: unknown) => {
    throw new CredentialsError(cause)
  })
  if (!(stub instanceof Client)) {
    throw new TypeError(
      '@google-cloud/monitoring returned no gRPC client; it uses a different version of @grpc/grpc-js',
    )
  }
  const metadata = new Metadata()
  metadata.set('x-goog-request-params', `name=${encodeURIComponent(`projects/${options.projectId}`)}`)

  /** The calls that a signal would abort: with one listener for all of them, which costs less than one for each. */
  const callsOf = new WeakMap<AbortSignal, Set<ClientUnaryCall>>()
  const callsUnder = (signal: AbortSignal): Set<ClientUnaryCall> => {
    const known = callsOf.get(signal)
    if (known !== undefined) return known
    const calls = new Set<ClientUnaryCall>()
    callsOf.set(signal, calls)
    signal.addEventListener('abort', () => calls.forEach((call) => void call.cancel()), { once: true })
    return calls
  }
  return {
    createTimeSeries: (request, { timeoutMs, signal }) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const deadline = Date.now() + timeoutMs
      const calls = callsUnder(signal)
      const call = withoutStack(() =>
        stub.makeUnaryRequest(METHOD, unchanged, unchanged, request, metadata, { deadline }, (error) => {
          calls.delete(call)
          if (error === null) resolve()
          else reject(new CallError(error))
        }),
      )
      calls.add(call)
      return promise
    },
    close: () => client.close(),
  }
}

/** grpc-js takes the stack of each call for an error that hardly ever comes: 2 % of the sidecar's processor time. */
function withoutStack<Result>(run: () => Result): Result {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return run()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** The project of the Application Default Credentials, if there are any. */
export async function credentialsProject(): Promise<string | undefined> {
  const client = new v3.MetricServiceClient()
  try {
    return await client.getProjectId()
  } catch {
    return undefined
  } finally {
    await client.close()
  }
}
