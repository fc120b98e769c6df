import { Channel, credentials, Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { formatHostPort } from '@node-to-cloud/command-line'
import type { ApiAddress } from '../config/api-address.ts'
import { applicationDefaultCredentials } from './api-credentials.ts'
import type { ApiError } from './api-error.ts'
import type { CreateTimeSeries } from './writer.ts'

/** A connection to Cloud Monitoring. */
export interface ApiClient {
  readonly createTimeSeries: CreateTimeSeries
  close(): void
}

const METHOD = '/google.monitoring.v3.MetricService/CreateTimeSeries'

/** The writer retries on its own: grpc-js need not keep requests for that, nor collect statistics that nobody reads. */
const CHANNEL_OPTIONS = { 'grpc.enable_retries': 0, 'grpc.enable_channelz': 0 }

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

/**
 * Connects over gRPC with Application Default Credentials unless the address turns them off. Nothing is sent before the
 * first request. Throws a `CredentialsError`.
 */
export async function connectApi(address: ApiAddress, options: { readonly projectId: string }): Promise<ApiClient> {
  const channel = new Channel(
    formatHostPort(address),
    address.authenticated ? await applicationDefaultCredentials(process.env) : credentials.createInsecure(),
    CHANNEL_OPTIONS,
  )
  const metadata = new Metadata()
  metadata.set('x-goog-request-params', `name=${encodeURIComponent(`projects/${options.projectId}`)}`)
  return {
    createTimeSeries: (request, { timeoutMs, signal }) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      // The client of grpc-js would create a dozen more objects for each call.
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
    close: () => channel.close(),
  }
}
