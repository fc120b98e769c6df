import { v3 } from '@google-cloud/monitoring'
import { Client, credentials, Metadata, type StatusObject, status } from '@grpc/grpc-js'
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

/** The writer retries on its own: grpc-js need not keep requests for that, nor collect statistics that nobody reads. */
const LEAN_CHANNEL = { 'grpc.enable_retries': 0, 'grpc.enable_channelz': 0 }

/** Without a universe domain, Google's client would look for credentials in order to use theirs. */
const PLAINTEXT = { sslCreds: credentials.createInsecure(), clientOptions: { universeDomain: 'googleapis.com' } }

class CallError extends Error implements ApiError {
  readonly code: number
  readonly details: Uint8Array | undefined

  constructor(result: StatusObject) {
    super(result.details || `${result.code} ${status[result.code]}`)
    this.name = 'CallError'
    this.code = result.code
    const [details] = result.metadata.get('grpc-status-details-bin')
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
 * Connects with Google's own client (`@google-cloud/monitoring`: Application Default Credentials, Workload Identity,
 * channel), which receives requests that are already encoded. Nothing is sent before the first request. Throws a {@link
 * CredentialsError}.
 */
export async function connectApi(address: ApiAddress, options: { readonly projectId: string }): Promise<ApiClient> {
  const client = new v3.MetricServiceClient({
    apiEndpoint: address.host,
    port: address.port,
    projectId: options.projectId,
    ...LEAN_CHANNEL,
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
  const channel = stub.getChannel()
  const metadata = new Metadata()
  metadata.set('x-goog-request-params', `name=${encodeURIComponent(`projects/${options.projectId}`)}`)

  return {
    createTimeSeries: (request, { timeoutMs, signal }) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      // Below the interceptors of grpc-js, which create a dozen objects for each call.
      const call = channel.createCall(METHOD, Date.now() + timeoutMs, null, null, undefined)
      const abort = (): void => call.cancelWithStatus(status.CANCELLED, 'aborted')
      signal.addEventListener('abort', abort, { once: true })
      call.start(metadata.clone(), {
        onReceiveMetadata() {},
        onReceiveMessage() {},
        onReceiveStatus(result) {
          signal.removeEventListener('abort', abort)
          if (result.code === status.OK) resolve()
          else reject(new CallError(result))
        },
      })
      call.sendMessageWithContext({}, request)
      call.halfClose()
      call.startRead()
      return promise
    },
    close: () => client.close(),
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
