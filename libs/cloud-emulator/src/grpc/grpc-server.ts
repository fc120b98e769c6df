import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { ListenError } from '@node-to-cloud/command-line'
import { absentRpc } from '../api/absent-methods.ts'
import { RpcError, type StatusDetail } from '../api/rpc-error.ts'
import type { RequestStream } from '../api/service.ts'
import { shortened } from '../api/shortened.ts'
import { STATUS_CODES, type StatusName } from '../contract/status.ts'
import { messageCodec, registry } from '../protos/registry.ts'
import { answerAbsentMethods } from './absent-method-handler.ts'
import { AnswerLost, type Dispatcher, type Method } from './dispatcher.ts'
import { UnknownFields } from './unknown-fields.ts'

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024
const SHUTDOWN_MS = 2_000
/** The message is in two headers, one of them Base64-encoded, and clients accept at least 16 KB of headers. */
const HEADER_CHARACTERS = 5_000

const statusCodec = messageCodec<{ code: number; message: string; details: { type_url: string; value: Uint8Array }[] }>(
  'google.rpc.Status',
)

export interface TlsMaterial {
  readonly certificate: string
  readonly privateKey: string
}

export interface GrpcListener {
  readonly port: number
  /** Aborts open calls after two seconds. */
  close(): Promise<void>
}

/**
 * Serves all methods over gRPC at an address such as `127.0.0.1:8086`; plaintext without `tls`. Throws `ListenError`.
 */
export async function listenGrpc(
  dispatcher: Dispatcher,
  options: { address: string; tls?: TlsMaterial },
): Promise<GrpcListener> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_concurrent_streams': 1000,
    interceptors: [countUnreadable(dispatcher)],
  })
  const unknown = new UnknownFields()
  for (const [service, methods] of Map.groupBy(dispatcher.methods, (method) => method.service)) {
    server.addService(
      definitionOf(service, methods, unknown),
      implementationOf(dispatcher, methods, { unknown, secure: options.tls !== undefined }),
    )
  }
  answerAbsentMethods(server, absentRpc, grpcError)
  const { tls } = options
  const credentials = tls
    ? ServerCredentials.createSsl(null, [
        { cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.privateKey) },
      ])
    : ServerCredentials.createInsecure()
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(options.address, credentials, (error, bound) =>
      error ? reject(new ListenError(options.address, error)) : resolve(bound),
    )
  })
  return { port, close: () => closeServer(server) }
}

/** Counts the calls that gRPC itself rejects because their message is too large or invalid. */
function countUnreadable(dispatcher: Dispatcher): ServerInterceptor {
  return (descriptor, call) => {
    const send = call.sendStatus.bind(call)
    // It sends this response itself, without a responder of an interceptor.
    call.sendStatus = (answer) => {
      const [, service, name] = descriptor.path.split('/')
      const method = dispatcher.methods.find((one) => one.service === service && one.name === name)
      const problem = unreadable(answer.code, answer.details ?? '')
      if (!method || problem === undefined) return send(answer)
      dispatcher.countUnreadable(method, problem)
      if (problem !== 'INVALID_ARGUMENT') return send(answer)
      const details = `The message is not a valid ${method.requestType.name} in protobuf, or is nested too deeply.`
      send({ ...answer, code: status.INVALID_ARGUMENT, details })
    }
    return new ServerInterceptingCall(call)
  }
}

/** The error for a message that gRPC itself rejects; undefined for all other responses. */
function unreadable(code: number | null | undefined, details: string): StatusName | undefined {
  if (code === status.RESOURCE_EXHAUSTED && /^Received message .*larger than/.test(details)) return 'RESOURCE_EXHAUSTED'
  if (code === status.INTERNAL && /^(?:Error deserializing request|Failed to decompress message)/.test(details))
    return 'INVALID_ARGUMENT'
  return undefined
}

function definitionOf(service: string, methods: readonly Method[], unknown: UnknownFields): ServiceDefinition {
  return Object.fromEntries(
    methods.map((method) => [
      method.name,
      {
        path: `/${service}/${method.name}`,
        requestStream: method.definition.requestStream === true,
        responseStream: method.definition.responseStream === true,
        requestSerialize: (message: object) => Buffer.from(method.requestType.encode(message).finish()),
        requestDeserialize: (bytes: Buffer) => unknown.decode(method, bytes),
        responseSerialize: (message: object) => Buffer.from(method.responseType.encode(message).finish()),
        responseDeserialize: (bytes: Buffer) => method.responseType.decode(bytes),
      },
    ]),
  )
}

function implementationOf(
  dispatcher: Dispatcher,
  methods: readonly Method[],
  { unknown, secure }: { unknown: UnknownFields; secure: boolean },
): UntypedServiceImplementation {
  return Object.fromEntries(
    methods.map((method) => [
      method.name,
      isStream(method)
        ? streamOf(dispatcher, method)
        : (call: { request: object }, answer: (error: object | null, response?: object) => void) => {
            const refusal = unknown.refusalOf(call.request)
            if (refusal) return answer(grpcError(refusal))
            dispatcher.call(method, call.request, { secure }).then(
              (response) => answer(null, response),
              (error: unknown) => {
                if (!(error instanceof AnswerLost)) answer(grpcError(error))
              },
            )
          },
    ]),
  )
}

/** Whether a method is bidirectional streaming, as are all streaming methods here. */
function isStream({ definition }: Method): boolean {
  return definition.requestStream === true && definition.responseStream === true
}

function streamOf(dispatcher: Dispatcher, method: Method) {
  return (call: ServerDuplexStream<object, object>): void => {
    let requests: RequestStream | undefined
    const fail = (error: unknown): void => {
      requests?.end()
      call.emit('error', grpcError(error))
    }
    try {
      requests = dispatcher.open(method, {
        send: (message) => call.write(message),
        isBusy: () => call.writableNeedDrain,
      })
    } catch (error) {
      fail(error)
      return
    }
    const { receive, end } = requests
    call.on('data', (request: object) => {
      try {
        receive(request)
      } catch (error) {
        fail(error)
      }
    })
    call.on('end', () => {
      end()
      call.end()
    })
    call.on('cancelled', end)
    call.on('error', end)
  }
}

function grpcError(error: unknown): object {
  if (!(error instanceof RpcError)) return { code: status.INTERNAL, details: String(error) }
  const code = STATUS_CODES[error.code]
  const message = headerMessage(error.message)
  const metadata = new Metadata()
  if (error.details.length > 0) {
    const bytes = statusCodec.encode({ code, message, details: error.details.map(packDetail) })
    metadata.set('grpc-status-details-bin', Buffer.from(bytes))
  }
  return { code, details: message, metadata }
}

/** Percent-encoding turns a character that is not printable ASCII into up to 6 characters. */
function headerMessage(message: string): string {
  return shortened(message, /[^\x20-\x7e]/.test(message) ? HEADER_CHARACTERS / 6 : HEADER_CHARACTERS)
}

function packDetail(detail: StatusDetail): { type_url: string; value: Uint8Array } {
  const type = registry.lookupType(detail.typeName)
  return { type_url: `type.googleapis.com/${detail.typeName}`, value: type.encode(detail.value).finish() }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const forced = setTimeout(() => server.forceShutdown(), SHUTDOWN_MS).unref()
    server.tryShutdown(() => {
      clearTimeout(forced)
      resolve()
    })
  })
}
