import { isLoopbackAddress } from '@node-to-cloud/browser-kit'
import { messageOf } from '@node-to-cloud/command-line'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../log/log.ts'
import { type Ingester, type InvalidSamples, NOTHING_INVALID, RetryLaterError } from '../model/ingester.ts'
import { WireFormatError } from '../protobuf/protobuf-reader.ts'
import { decompressSnappyBlock, SnappyError } from '../remote-write/snappy.ts'
import { decodeVersion1 } from '../remote-write/version-1.ts'
import { decodeVersion2 } from '../remote-write/version-2.ts'
import { ITEMS_PER_HISTOGRAM, TooManyItemsError, type WriteRequest } from '../remote-write/write-request.ts'
import { readProtocol, writtenHeaders } from './write-protocol.ts'

/** Counts remote_write requests and their content. */
export interface RemoteWriteCounters {
  answered(status: number): void
  samplesReceived(count: number): void
  nativeHistogramsReceived(count: number): void
  /** A sample of an unusable series. */
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
  /** Limit of these in all open requests together; requests beyond it get 503. Default: none. */
  readonly maxInFlightItems?: number
  /** Limit of decompressed bytes in open requests; requests beyond it get 503. Default: 128 MiB. */
  readonly maxInFlightBytes?: number
  /**
   * Limit of the bodies of open requests as sent, by their declared length; requests beyond it get 503. Default: 64
   * MiB.
   */
  readonly maxReceivedBytes?: number
  /** Requests get 503 while this is set: there is hardly any memory left. */
  readonly memory?: { readonly isTight: boolean }
  /** Whether other machines may write too. Default: only this one. */
  readonly allowRemotePeers?: boolean
  /** Time limit for a response; Prometheus gives up after 30 s. Default: 25 s. */
  readonly responseTimeoutMs?: number
}

const MEBIBYTE = 1024 * 1024

/**
 * Adds `POST /api/v1/write`: remote_write 1.0 and 2.0 (a snappy block of protobuf).
 *
 * Answers 204 when each sample is settled or safely stored, and 503 when the samples must be sent again. Answers 400 or
 * 413 if the body can't be read, 415 for another protocol and 403 to a peer that may not write: Prometheus then drops
 * the samples. Also answers 400 if some series are unusable: the others are stored. A response to 2.0 reports how much
 * of the request was written: everything usable, whether it is stored or dropped by a rule of conversion.
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
  readonly #maxInFlightItems: number
  #inFlightBytes = 0
  #inFlightItems = 0
  #receivedBytes = 0

  constructor(options: RemoteWriteOptions) {
    this.#options = options
    this.maxBodyBytes = options.maxBodyBytes ?? 32 * MEBIBYTE
    this.#maxDecompressedBytes = options.maxDecompressedBytes ?? 32 * MEBIBYTE
    this.#maxInFlightBytes = options.maxInFlightBytes ?? 128 * MEBIBYTE
    this.#maxReceivedBytes = options.maxReceivedBytes ?? 64 * MEBIBYTE
    this.#maxInFlightItems = options.maxInFlightItems ?? Number.POSITIVE_INFINITY
  }

  async checkHead(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const refusal = refusalByHead(request, this.#options.allowRemotePeers ?? false)
    return refusal === undefined ? undefined : this.#refuse(request, reply, refusal.status, refusal.message)
  }

  /** Limits the bodies of all open requests together; a body of unknown length counts as the maximum. */
  async makeRoom(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    if (reply.sent) return undefined
    const declared = Number(request.headers['content-length'] ?? this.maxBodyBytes)
    if (this.#options.memory?.isTight === true)
      return retryLater(reply.header('Connection', 'close'), 'there is hardly any memory left')
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
    const deadline = performance.now() + (this.#options.responseTimeoutMs ?? 25_000)
    if (!Buffer.isBuffer(request.body)) return this.#refuse(request, reply, 400, 'the request has no body')
    const protocol = readProtocol(request.headers)
    const version = 'version' in protocol ? protocol.version : 1
    let decoded: WriteRequest
    let bytes: number
    try {
      const body = decompressSnappyBlock(request.body, this.#maxDecompressedBytes)
      const limits = { maxItems: this.#options.maxItems ?? 1_000_000, maxLabelBytes: this.#maxDecompressedBytes }
      decoded = version === 1 ? decodeVersion1(body, limits) : decodeVersion2(body, limits, this.#options.ingester)
      bytes = Math.max(body.length, decoded.batch.bytes.length)
    } catch (error) {
      const status = statusOf(error)
      if (status === undefined) throw error
      return this.#refuse(request, reply, status, messageOf(error))
    }
    if (this.#inFlightBytes > 0 && this.#inFlightBytes + bytes > this.#maxInFlightBytes) {
      return retryLater(reply, `more than ${this.#maxInFlightBytes} bytes are already being processed`)
    }
    const items = countItems(decoded)
    if (this.#inFlightItems > 0 && this.#inFlightItems + items > this.#maxInFlightItems) {
      return retryLater(reply, `${this.#inFlightItems} series and samples are already being processed`)
    }
    // Not async, so that nothing holds on to the decoded request while its samples are written.
    const given = { ...contentOf(decoded), version, bytes, items }
    return this.#answer(given, this.#ingest(decoded, deadline - performance.now()), request, reply)
  }

  async #ingest({ batch, metadata, droppedExemplars }: WriteRequest, deadlineMs: number): Promise<InvalidSamples> {
    const { counters, ingester } = this.#options
    counters.samplesReceived(batch.values.length)
    for (let index = 0; index < droppedExemplars; index++) counters.exemplarDropped()
    if (metadata.length > 0) ingester.addMetadata(metadata)
    return batch.spans.length > 0 ? ingester.ingest(batch, { deadlineMs }) : NOTHING_INVALID
  }

  async #answer(
    given: RequestContent & { readonly version: 1 | 2; readonly bytes: number; readonly items: number },
    ingesting: Promise<InvalidSamples>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { counters, log } = this.#options
    const { unusable } = given
    if (given.histograms > 0) counters.nativeHistogramsReceived(given.histograms)
    this.#inFlightBytes += given.bytes
    this.#inFlightItems += given.items
    let invalid: InvalidSamples
    try {
      invalid = await ingesting
    } catch (error) {
      if (!(error instanceof RetryLaterError)) {
        log.error({ err: error }, FAILURE_MESSAGE)
        return retryLater(reply, 'the samples could not be ingested')
      }
      log.debug({ reason: error.reason }, error.message)
      return retryLater(reply, error.message)
    } finally {
      this.#inFlightBytes -= given.bytes
      this.#inFlightItems -= given.items
    }
    for (let index = 0; index < unusable.samples; index++) counters.sampleDropped('labels_invalid')
    if (given.version === 2) {
      const written = {
        samples: given.samples - invalid.samples,
        histograms: given.histograms - invalid.histograms,
        exemplars: given.exemplars - invalid.exemplars,
      }
      reply.headers(writtenHeaders(written))
    }
    const series = unusable.series + invalid.series
    if (series === 0) return reply.code(204).send()
    const detail = unusable.detail || invalid.detail
    return this.#refuse(request, reply, 400, `${series} series can't be used; the others are stored: ${detail}`)
  }

  /** Rejects a request for good: Prometheus does not send it again. */
  #refuse(request: FastifyRequest, reply: FastifyReply, status: number, message: string): FastifyReply {
    this.#options.log.warn(
      { status, peer: request.socket.remoteAddress },
      `A remote_write request was answered with ${status}: ${message}`,
    )
    return reply.code(status).type('text/plain').send(`${message}\n`)
  }
}

const FAILURE_MESSAGE = 'A remote_write request failed; Prometheus will send it again.'

/** The number of items in a request. */
type RequestContent = Pick<WriteRequest, 'unusable' | 'exemplars'> & {
  readonly samples: number
  readonly histograms: number
}

function contentOf(request: WriteRequest): RequestContent {
  const { batch, unusable, exemplars } = request
  return { samples: batch.values.length, histograms: countHistograms(request), exemplars, unusable }
}

function countHistograms({ batch }: WriteRequest): number {
  let count = 0
  for (const { nativeHistograms } of batch.spans) if (nativeHistograms !== undefined) count += nativeHistograms.length
  return count
}

function countItems(request: WriteRequest): number {
  const { batch, metadata, exemplars } = request
  const histograms = ITEMS_PER_HISTOGRAM * countHistograms(request)
  return batch.spans.length + batch.values.length + histograms + exemplars + metadata.length
}

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
  if (!allowRemotePeers && !isLoopbackAddress(peer)) {
    return {
      status: 403,
      message: `only this machine may write, but the request is from ${peer}; see --remote-write.allow-remote`,
    }
  }
  const protocol = readProtocol(request.headers)
  return 'refusal' in protocol ? { status: 415, message: protocol.refusal } : undefined
}
