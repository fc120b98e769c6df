import type { Http1Request } from '../http1/http1-connection.ts'
import type { Exchange } from '../response/exchange.ts'

/** A request to send. */
export interface OutgoingRequest extends Http1Request {
  readonly origin: string
}

/** Sends requests. */
export interface Sender {
  dispatch(request: OutgoingRequest, exchange: Exchange): void
  /** Ends its connections when the requests in flight have ended. */
  close(): void
  /** Ends its connections at once: requests in flight fail. */
  destroy(): Promise<void>
}
