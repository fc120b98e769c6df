import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Logger, traceFields } from '../process/logger.ts'

/** Writes the line of a request that has been answered, in Cloud Logging's `httpRequest` form, tied to its span. */
export function logRequest(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const { method, url } = request
  const status = reply.statusCode
  const httpRequest = {
    requestMethod: method,
    requestUrl: url,
    status,
    userAgent: request.headers['user-agent'],
    remoteIp: request.ip,
    latency: `${(reply.elapsedTime / 1000).toFixed(6)}s`,
  }
  const message = `${method} ${url} ${status}`
  const span = request.telemetrySpan
  if (span === null) logger.info({ httpRequest }, message)
  else logger.info(Object.assign(traceFields(span.spanContext()), { httpRequest }), message)
}
