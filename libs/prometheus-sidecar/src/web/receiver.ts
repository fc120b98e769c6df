import { messageOf } from '@node-to-cloud/command-line'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Ingester, RetryLaterError } from '../model/ingester.ts'
import type { Log } from '../model/log.ts'
import { WireFormatError } from '../protobuf/protobuf-reader.ts'
import { decompressSnappyBlock, SnappyError } from '../remote-write/snappy.ts'
import { decodeWriteRequest, TooManyItemsError, type WriteRequest } from '../remote-write/write-request.ts'
import { isLoopback } from './loopback.ts'

/** Counts remote_write requests and their content. */
export interface RemoteWriteCounters {
  answered(status: number): void
  samplesReceived(count: number): void
  nativeHistogramsSkipped(count: number): void
  /** A sample of a series that can't be used. */
  sampleDropped(reason: 'labels_invalid'): void
  exemplarDropped(): void
}

export interface RemoteWriteOptions {
  readonly ingester: Ingester
  readonly counters: RemoteWriteCounters
  readonly log: Pick<Log, 'debug' | 'warn' | 'error'>
  /** Limits of the body as sent, and decompressed. Default 32 MiB each. */
  readonly maxBodyBytes?: number
  readonly maxDecompressedBytes?: number
  /** Limit of series, samples, exemplars and metadata in one request, together. Default 1,000,000. */
  readonly maxItems?: number
  /** Limit of decompressed bytes in open requests; beyond it requests get 503. Default 128 MiB. */
  readonly maxInFlightBytes?: number
  /** Limit of the bodies of open requests as sent, by their declared length; beyond it requests get 503. Default 64 MiB. */
  readonly maxReceivedBytes?: number
  /** Whether other machines may write, too. Default: only this one. */
  readonly allowRemotePeers?: boolean
  /** Time limit for an answer; Prometheus gives up after 30 s. Default 25 s. */
  readonly answerWithinMs?: number
}

const MEBIBYTE = 1024 * 1024

/**
 * Adds `POST /api/v1/write`: remote_write 1.0 (a snappy block of protobuf).
 *
 * Answers 204 when each sample is settled or safely kept, and 503 when the samples must be sent again. Answers 400 or
 * 413 to a body that can't be read, 415 to another protocol and 403 to a peer that may not write: Prometheus then drops
 * the samples. Answers 400, too, if some series can't be used: the others are stored.
 */
export function registerRemoteWrite(server: FastifyInstance, options: RemoteWriteOptions): void {
  const receiver = new RemoteWriteReceiver(options)
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      'application/x-protobuf',
      { parseAs: 'buffer' },
      async (_request: unknown, body: unknown) => body,
    )
    scope.setErrorHandler((error: RequestError, request, reply) => receiver.handleError(error, request, reply))
    scope.addHook('onResponse', async (_request, reply) => options.counters.answered(reply.statusCode))
    scope.addHook('onRequest', async (request, reply) => receiver.checkHead(request, reply))
    scope.addHook('onRequest', async (request, reply) => receiver.makeRoom(request, reply))
    const { maxBodyBytes: bodyLimit } = receiver
    scope.post('/api/v1/write', { bodyLimit }, (request, reply) => receiver.receive(request, reply))
  })
}

interface RequestError {
  readonly statusCode?: number
  readonly message: string
}

class RemoteWriteReceiver {
  readonly #options: RemoteWriteOptions
  readonly maxBodyBytes: number
  readonly #maxDecompressedBytes: number
  readonly #maxInFlightBytes: number
  readonly #maxReceivedBytes: number
  #inFlightBytes = 0
  #receivedBytes = 0

  constructor(options: RemoteWriteOptions) {
    this.#options = options
    this.maxBodyBytes = options.maxBodyBytes ?? 32 * MEBIBYTE
    this.#maxDecompressedBytes = options.maxDecompressedBytes ?? 32 * MEBIBYTE
    this.#maxInFlightBytes = options.maxInFlightBytes ?? 128 * MEBIBYTE
    this.#maxReceivedBytes = options.maxReceivedBytes ?? 64 * MEBIBYTE
  }

  async checkHead(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const refusal = refusalByHead(request, this.#options.allowRemotePeers ?? false)
    return refusal === undefined ? undefined : this.#refuse(request, reply, refusal.status, refusal.message)
  }

  /** Bounds the bodies of all open requests together; a body of unknown length counts as the longest allowed. */
  async makeRoom(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    if (reply.sent) return undefined
    const declared = Number(request.headers['content-length'] ?? this.maxBodyBytes)
    const bytes = Math.min(declared, this.maxBodyBytes)
    if (this.#receivedBytes > 0 && this.#receivedBytes + bytes > this.#maxReceivedBytes) {
      return retryLater(reply.header('Connection', 'close'), `bodies of ${this.#receivedBytes} bytes are already open`)
    }
    this.#receivedBytes += bytes
    reply.raw.once('close', () => {
      this.#receivedBytes -= bytes
    })
    return undefined
  }

  handleError(error: RequestError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const status = error.statusCode ?? 500
    if (status >= 500) {
      this.#options.log.error({ err: error }, FAILURE_MESSAGE)
      return retryLater(reply, 'the request could not be read')
    }
    const message = status === 413 ? `the body is larger than ${this.maxBodyBytes} bytes` : error.message
    return this.#refuse(request, reply, status, message)
  }

  async receive(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const deadline = performance.now() + (this.#options.answerWithinMs ?? 25_000)
    if (!Buffer.isBuffer(request.body)) return this.#refuse(request, reply, 400, 'the request has no body')
    let decoded: WriteRequest
    try {
      decoded = decodeWriteRequest(
        decompressSnappyBlock(request.body, this.#maxDecompressedBytes),
        this.#options.maxItems ?? 1_000_000,
      )
    } catch (error) {
      const status = statusOf(error)
      if (status === undefined) throw error
      return this.#refuse(request, reply, status, messageOf(error))
    }
    const bytes = decoded.batch.bytes.length
    if (this.#inFlightBytes > 0 && this.#inFlightBytes + bytes > this.#maxInFlightBytes) {
      return retryLater(reply, `more than ${this.#maxInFlightBytes} bytes are already being processed`)
    }
    this.#inFlightBytes += bytes
    try {
      return await this.#ingest(decoded, deadline - performance.now(), request, reply)
    } finally {
      this.#inFlightBytes -= bytes
    }
  }

  async #ingest(
    decoded: WriteRequest,
    deadlineMs: number,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { counters, ingester, log } = this.#options
    counters.samplesReceived(decoded.batch.values.length)
    for (let index = 0; index < decoded.droppedExemplars; index++) counters.exemplarDropped()
    if (decoded.nativeHistograms > 0) counters.nativeHistogramsSkipped(decoded.nativeHistograms)
    if (decoded.metadata.length > 0) ingester.addMetadata(decoded.metadata)
    try {
      if (decoded.batch.spans.length > 0) await ingester.ingest(decoded.batch, { deadlineMs })
    } catch (error) {
      if (!(error instanceof RetryLaterError)) {
        log.error({ err: error }, FAILURE_MESSAGE)
        return retryLater(reply, 'the samples could not be ingested')
      }
      log.debug({ reason: error.reason }, error.message)
      return retryLater(reply, error.message)
    }
    const { series, samples, detail } = decoded.unusable
    for (let index = 0; index < samples; index++) counters.sampleDropped('labels_invalid')
    return series === 0
      ? reply.code(204).send()
      : this.#refuse(request, reply, 400, `${series} series can't be used, and the others are stored: ${detail}`)
  }

  /** Refuses a request for good: Prometheus does not send it again. */
  #refuse(request: FastifyRequest, reply: FastifyReply, status: number, message: string): FastifyReply {
    this.#options.log.warn(
      { status, peer: request.socket.remoteAddress },
      `A remote_write request was answered with ${status}: ${message}`,
    )
    return reply.code(status).type('text/plain').send(`${message}\n`)
  }
}

const FAILURE_MESSAGE = 'A remote_write request failed; Prometheus will send it again.'

/** The status for a body that can't be decoded; undefined for an unexpected error. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof TooManyItemsError) return 413
  if (error instanceof SnappyError) return error.code === 'ERR_SNAPPY_TOO_LARGE' ? 413 : 400
  return error instanceof WireFormatError ? 400 : undefined
}

function retryLater(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(503).type('text/plain').send(`${message}\n`)
}

function refusalByHead(
  request: FastifyRequest,
  allowRemotePeers: boolean,
): { status: number; message: string } | undefined {
  const peer = request.socket.remoteAddress ?? ''
  if (!allowRemotePeers && !isLoopback(peer)) {
    return {
      status: 403,
      message: `only this machine may write, and ${peer} is another one; see --remote-write.allow-remote`,
    }
  }
  const contentType = request.headers['content-type'] ?? ''
  const { type, message } = readContentType(contentType)
  const version = String(request.headers['x-prometheus-remote-write-version'] ?? '0.1.0')
  if (message === 'io.prometheus.write.v2.Request' || (message === undefined && version.startsWith('2.'))) {
    return { status: 415, message: 'remote_write 2.0 is not supported; set protobuf_message: prometheus.WriteRequest' }
  }
  if (type !== 'application/x-protobuf') {
    return { status: 415, message: `the content type must be application/x-protobuf, not ${contentType || 'missing'}` }
  }
  if (message !== undefined && message !== 'prometheus.WriteRequest') {
    return { status: 415, message: `the message must be prometheus.WriteRequest, not ${message}` }
  }
  const encoding = request.headers['content-encoding'] ?? ''
  if (encoding.toLowerCase() !== 'snappy') {
    return { status: 415, message: `the content encoding must be snappy, not ${encoding || 'missing'}` }
  }
  return undefined
}

/** Splits `application/x-protobuf;proto=prometheus.WriteRequest`; the message is undefined if there is no `proto`. */
function readContentType(header: string): { readonly type: string; readonly message: string | undefined } {
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim())
  let message: string | undefined
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=', 2)
    if (name.trim().toLowerCase() === 'proto') message = value.trim().replace(/^"(.*)"$/, '$1')
  }
  return { type: type.toLowerCase(), message }
}
