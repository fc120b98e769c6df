/** A call, for handlers that need more than the request. */
export interface CallContext {
  /** Such as `CreateTimeSeries`. */
  readonly method: string
  /** Whether it was received over TLS. */
  readonly secure: boolean
}

/** Handles a decoded request and returns the response message. Throws `RpcError` for any status except OK. */
export type Handler = (request: object, call: CallContext) => object

/** The side of a stream that the service writes to. */
export interface AnswerStream {
  send(message: object): void
  /** Whether the client has not yet read everything that was sent. */
  isBusy(): boolean
}

/** How a service handles the requests of a stream; `end` is always called last, however the stream ends. */
export interface RequestStream {
  /** Throws `RpcError` to end the stream. */
  receive(request: object): void
  end(): void
}

/** Opens a stream. Throws `RpcError` to reject it. */
export type StreamHandler = (answers: AnswerStream) => RequestStream

/** The implemented methods of a service; others return UNIMPLEMENTED. */
export interface Service {
  /** The full name, such as `google.monitoring.v3.MetricService`. */
  readonly name: string
  readonly handlers: Readonly<Record<string, Handler>>
  /** Its bidirectional streaming methods. */
  readonly streams?: Readonly<Record<string, StreamHandler>>
  /** The names by which faults and metrics refer to methods whose own names are ambiguous. */
  readonly callNames?: Readonly<Record<string, string>>
}

/** A handler for the request message of a method. */
export function handler<Request extends object>(handle: (request: Request, call: CallContext) => object): Handler {
  // The dispatcher passes a handler only messages that the method's request type decoded.
  return (request, call) => handle(request as Request, call)
}

/** A stream of the request messages of a method. */
export function streamHandler<Request extends object>(
  open: (answers: AnswerStream) => { receive(request: Request): void; end(): void },
): StreamHandler {
  return (answers) => {
    const { receive, end } = open(answers)
    // As for handlers: requests are what the method's request type decoded.
    return { receive: (request) => receive(request as Request), end }
  }
}
