/** One call, for handlers that need to know more than the request. */
export interface CallContext {
  /** Such as `CreateTimeSeries`. */
  readonly method: string
}

/** Answers a decoded request with a message. Throws `RpcError` for any answer but OK. */
export type Handler = (request: object, call: CallContext) => object

/** The methods of one service that are implemented; others answer UNIMPLEMENTED. */
export interface Service {
  /** The full name, such as `google.monitoring.v3.MetricService`. */
  readonly name: string
  readonly handlers: Readonly<Record<string, Handler>>
}

/** A handler whose request has the type of its method's request message. */
export function handler<Request extends object>(handle: (request: Request, call: CallContext) => object): Handler {
  // The dispatcher hands a method's handler only what the codec of that method's request type decoded.
  return (request, call) => handle(request as Request, call)
}
