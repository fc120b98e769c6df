import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Ingester, RetryLaterError } from '../model/ingester.ts'
import { WireFormatError } from '../protobuf/protobuf-reader.ts'
import { decompressSnappyBlock, SnappyError } from '../remote-write/snappy.ts'
import { decodeWriteRequest, TooManyItemsError, type WriteRequest } from '../remote-write/write-request.ts'
import { isLoopback } from './loopback.ts'

/** Counts remote_write requests and their content. */
export interface RemoteWriteCounters {
  answered(status: number): void
  samplesReceived(count: number): void
  nativeHistogramsSkipped(count: number): void
}

/** The part of a logger that refused and failed requests are reported to. */
export interface RemoteWriteLog {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface RemoteWriteOptions {
  readonly ingester: Ingester
  readonly counters: RemoteWriteCounters
  readonly log: RemoteWriteLog
  /** Limits of the body as sent, and decompressed. Default 32 MiB each. */
  readonly maxBodyBytes?: number
  readonly maxDecompressedBytes?: number
  /** Limit of series, samples, exemplars and metadata in one request, together. Default 1,000,000. */
  readonly maxItems?: number
  /** Limit of decompressed bytes in open requests; beyond it requests get 503. Default 256 MiB. */
  readonly maxInFlightBytes?: number
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
 * the samples.
 */
export function registerRemoteWrite(server: FastifyInstance, options: RemoteWriteOptions): void {
  const maxBodyBytes = options.maxBodyBytes ?? 32 * MEBIBYTE
  const limits = {
    maxDecompressedBytes: options.maxDecompressedBytes ?? 32 * MEBIBYTE,
    maxInFlightBytes: options.maxInFlightBytes ?? 256 * MEBIBYTE,
    answerWithinMs: options.answerWithinMs ?? 25_000,
  }
  const inFlight = { bytes: 0 }

  server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      'application/x-protobuf',
      { parseAs: 'buffer' },
      async (_request: unknown, body: unknown) => body,
    )
    const refuse = (request: FastifyRequest, reply: FastifyReply, status: number, message: string): FastifyReply => {
      options.log.warn({ status, peer: request.socket.remoteAddress }, `A remote_write request was refused: ${message}`)
      return reply.code(status).type('text/plain').send(`${message}\n`)
    }
    scope.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) => {
      const status = error.statusCode ?? 500
      if (status >= 500) {
        options.log.error({ err: error }, 'A remote_write request failed; Prometheus will send it again.')
        return retryLater(reply, 'the request could not be read')
      }
      return refuse(
        request,
        reply,
        status,
        status === 413 ? `the body is larger than ${maxBodyBytes} bytes` : error.message,
      )
    })
    scope.addHook('onResponse', async (_request, reply) => options.counters.answered(reply.statusCode))
    scope.addHook('onRequest', async (request, reply) => {
      const refusal = refusalByHead(request, options.allowRemotePeers ?? false)
      if (refusal !== undefined) return refuse(request, reply, refusal.status, refusal.message)
    })
    scope.post('/api/v1/write', { bodyLimit: maxBodyBytes }, async (request, reply) => {
      const deadline = performance.now() + limits.answerWithinMs
      if (!Buffer.isBuffer(request.body)) return refuse(request, reply, 400, 'the request has no body')
      let decoded: WriteRequest
      try {
        decoded = decodeWriteRequest(
          decompressSnappyBlock(request.body, limits.maxDecompressedBytes),
          options.maxItems ?? 1_000_000,
        )
      } catch (error) {
        if (error instanceof SnappyError)
          return refuse(request, reply, error.code === 'ERR_SNAPPY_TOO_LARGE' ? 413 : 400, error.message)
        if (error instanceof TooManyItemsError) return refuse(request, reply, 413, error.message)
        if (error instanceof WireFormatError) return refuse(request, reply, 400, error.message)
        throw error
      }
      const bytes = decoded.batch.bytes.length
      if (inFlight.bytes > 0 && inFlight.bytes + bytes > limits.maxInFlightBytes) {
        return retryLater(reply, `more than ${limits.maxInFlightBytes} bytes are already being processed`)
      }
      inFlight.bytes += bytes
      try {
        return await ingest(decoded, deadline - performance.now(), options, reply)
      } finally {
        inFlight.bytes -= bytes
      }
    })
  })
}

async function ingest(
  decoded: WriteRequest,
  deadlineMs: number,
  options: RemoteWriteOptions,
  reply: FastifyReply,
): Promise<FastifyReply> {
  options.counters.samplesReceived(decoded.batch.values.length)
  if (decoded.nativeHistograms > 0) options.counters.nativeHistogramsSkipped(decoded.nativeHistograms)
  if (decoded.metadata.length > 0) options.ingester.addMetadata(decoded.metadata)
  try {
    if (decoded.batch.spans.length > 0) await options.ingester.ingest(decoded.batch, { deadlineMs })
  } catch (error) {
    if (!(error instanceof RetryLaterError)) {
      options.log.error({ err: error }, 'A remote_write request failed; Prometheus will send it again.')
      return retryLater(reply, 'the samples could not be ingested')
    }
    options.log.debug({ reason: error.reason }, error.message)
    return retryLater(reply, error.message)
  }
  return reply.code(204).send()
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
  const contentType = (request.headers['content-type'] ?? '').toLowerCase()
  const version = request.headers['x-prometheus-remote-write-version'] ?? '0.1.0'
  if (contentType.includes('io.prometheus.write.v2') || !`${version}`.startsWith('0.')) {
    return { status: 415, message: 'remote_write 2.0 is not supported; set protobuf_message: prometheus.WriteRequest' }
  }
  if (contentType.split(';')[0]?.trim() !== 'application/x-protobuf') {
    return { status: 415, message: `the content type must be application/x-protobuf, not ${contentType || 'missing'}` }
  }
  const encoding = request.headers['content-encoding'] ?? ''
  if (encoding !== 'snappy') {
    return { status: 415, message: `the content encoding must be snappy, not ${encoding || 'missing'}` }
  }
  return undefined
}
