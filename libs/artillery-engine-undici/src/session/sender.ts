import type { Readable } from 'node:stream'
import type { Exchange } from '../response/exchange.ts'

/** A request to send. */
export interface OutgoingRequest {
  readonly origin: string
  readonly path: string
  readonly method: string
  /** A flat list of names in lower case and values. */
  readonly headers: readonly string[]
  /** Further ones, which are other ones with each sending. */
  readonly moreHeaders: readonly string[]
  readonly body: string | Uint8Array | Readable | undefined
  /** Until the head of the response, and between parts of its body. */
  readonly timeoutMs: number
}

/** What requests are sent by. */
export interface Sender {
  dispatch(request: OutgoingRequest, exchange: Exchange): void
  /** Ends its connections when the requests in flight have ended. */
  close(): void
  /** Ends its connections at once: requests in flight fail. */
  destroy(): Promise<void>
}
