import type { FastifyInstance } from 'fastify'
import { type Logger, traceFields } from '../process/logger.ts'

/** Writes one line a request, in Cloud Logging's `httpRequest` form, tied to its span. */
export function registerRequestLog(fastify: FastifyInstance, logger: Logger): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const context = request.telemetrySpan?.spanContext()
    logger.info(
      {
        ...(context === undefined ? {} : traceFields(context)),
        httpRequest: {
          requestMethod: request.method,
          requestUrl: request.url,
          status: reply.statusCode,
          userAgent: request.headers['user-agent'],
          remoteIp: request.ip,
          latency: `${(reply.elapsedTime / 1000).toFixed(6)}s`,
        },
      },
      `${request.method} ${request.url} ${reply.statusCode}`,
    )
    done()
  })
}
