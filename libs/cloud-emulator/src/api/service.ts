/** A call, for handlers that need more than the request. */
export interface CallContext {
  /** Such as `CreateTimeSeries`. */
  readonly method: string
  /** Whether it came over TLS. */
  readonly secure: boolean
}

/** Answers a decoded request with a message. Throws `RpcError` for any answer but OK. */
export type Handler = (request: object, call: CallContext) => object

/** The side of a stream that the service writes to. */
export interface AnswerStream {
  send(message: object): void
  /** Whether the client has not yet read what was sent. */
  isBusy(): boolean
}

/** What a service does with a stream's requests; `end` comes last, however the stream ends. */
export interface RequestStream {
  /** Throws `RpcError` to end the stream. */
  receive(request: object): void
  end(): void
}

/** Opens a stream. Throws `RpcError` to refuse it. */
export type StreamHandler = (answers: AnswerStream) => RequestStream

/** The implemented methods of a service; others answer UNIMPLEMENTED. */
export interface Service {
  /** The full name, such as `google.monitoring.v3.MetricService`. */
  readonly name: string
  readonly handlers: Readonly<Record<string, Handler>>
  /** Its methods of which both sides are streams. */
  readonly streams?: Readonly<Record<string, StreamHandler>>
  /** The names by which faults and metrics refer to methods whose own name says too little. */
  readonly callNames?: Readonly<Record<string, string>>
}

/** A handler for the request message of a method. */
export function handler<Request extends object>(handle: (request: Request, call: CallContext) => object): Handler {
  // The dispatcher only passes a handler what the method's request type decoded.
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
