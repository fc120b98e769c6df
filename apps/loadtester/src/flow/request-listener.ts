/** The error of a virtual user, or of a request, that ended because its run was stopped. */
export const stoppedCodes: readonly string[] = ['ERR_STOPPED']

/** A request as the flow knows it when it is sent. */
export interface RequestStart {
  readonly method: string
  /** The request's `name` in the script, else its URL as written there (templates not filled in), so that it stays one series. */
  readonly name: string
  /** Where it goes. */
  readonly url: string
}

/** How a request ended. */
export interface RequestEnd {
  /** Time to the last byte of the response, or to the failure, in ms with fractions; undefined where nobody saw the end. */
  readonly durationMs: number | undefined
  /** Time to the response's head. */
  readonly firstByteMs: number | undefined
  readonly status: number | undefined
  /** Short code of what failed: `ECONNREFUSED`, `ETIMEDOUT`, …; undefined when a whole response came. */
  readonly error: string | undefined
  readonly bytes: number
}

/** The span of one request. */
export interface RequestTrace {
  /** A W3C `traceparent`, where there is one. */
  readonly traceparent: string | undefined
  end(status: number | undefined, error: string | undefined): void
}

/** Is told of every request that goes out, each hop of a redirect too. */
export interface RequestListener {
  /** The span of a request that is about to be sent; undefined where nothing traces. */
  requestTrace(start: RequestStart): RequestTrace | undefined
  requestSent(start: RequestStart): void
  /** `user` is the context of the virtual user that sent it, where the engine tells. */
  requestEnded(start: RequestStart, end: RequestEnd, user: object | undefined): void
}
