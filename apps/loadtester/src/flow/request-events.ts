/** The error code of a virtual user, or of a request, that ended because the run was stopped. */
export const STOPPED_CODE = 'ERR_STOPPED'

/** A request as it is sent. */
export interface RequestStart {
  readonly method: string
  /** The request's `name` in the script, else its URL as written there, without templates filled in, so that it stays one series. */
  readonly name: string
  readonly url: string
}

/** How a request ended. */
export interface RequestEnd {
  /** From sending to the last byte of the response, or to the failure, in fractional ms; undefined if the end was not observed. */
  readonly durationMs: number | undefined
  /** From sending to the first byte of the response. */
  readonly firstByteMs: number | undefined
  readonly status: number | undefined
  /** Error code such as `ECONNREFUSED` or `ETIMEDOUT`; undefined if a complete response came. */
  readonly error: string | undefined
  readonly bytes: number
}

/** The span of one request. */
export interface RequestTrace {
  /** A W3C `traceparent`. */
  readonly traceparent: string | undefined
  /** The headers of the span, if they are more than these or different. */
  readonly headers?: Readonly<Record<string, string>>
  end(status: number | undefined, error: string | undefined): void
}

/** What is sent with a request that is traced; undefined if it is not. */
export function headersOf({ headers, traceparent }: RequestTrace): Readonly<Record<string, string>> | undefined {
  return headers ?? (traceparent === undefined ? undefined : { traceparent })
}

/** Notified of every request, including each hop of a redirect. */
export interface RequestListener {
  /** Starts the span of a request that is about to be sent; undefined if it has none. */
  requestTrace(start: RequestStart): RequestTrace | undefined
  requestSent(start: RequestStart): void
  /** `user` is the context of the virtual user that sent it, if the engine says. */
  requestEnded(start: RequestStart, end: RequestEnd, user: object | undefined): void
}
