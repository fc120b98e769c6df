/** A call, for handlers that need more than the request. */
export interface CallContext {
  /** Such as `CreateTimeSeries`. */
  readonly method: string
  /** Whether it came over TLS. */
  readonly secure: boolean
}

/** Answers a decoded request with a message. Throws `RpcError` for any answer but OK. */
export type Handler = (request: object, call: CallContext) => object

/** The implemented methods of a service; others answer UNIMPLEMENTED. */
export interface Service {
  /** The full name, such as `google.monitoring.v3.MetricService`. */
  readonly name: string
  readonly handlers: Readonly<Record<string, Handler>>
  /** The names by which faults and metrics refer to methods whose own name says too little. */
  readonly callNames?: Readonly<Record<string, string>>
}

/** A handler for the request message of a method. */
export function handler<Request extends object>(handle: (request: Request, call: CallContext) => object): Handler {
  // The dispatcher only passes a handler what the method's request type decoded.
  return (request, call) => handle(request as Request, call)
}
