import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import protobuf from 'protobufjs'
import type { FaultInjector } from '../faults/fault-injector.ts'
import { httpStatus, invalidArgument, STATUS_CODES } from '../rpc/status.ts'
import { otlpFromJson } from '../trace/otlp-json.ts'
import { exportTraceServiceRequestCodec, exportTraceServiceResponseCodec } from '../trace/otlp-spans.ts'
import type { TraceWriter } from '../trace/trace-writer.ts'

/** The name under which faults know OTLP's export. */
export const OTLP_METHOD = 'ExportTraces'

const PROTOBUF = 'application/x-protobuf'

/** OTLP over HTTP at `/v1/traces`, protobuf and JSON (opentelemetry-proto, docs/specification.md). */
export function registerOtlpRoutes(
  app: FastifyInstance,
  options: { writer: TraceWriter; faults: FaultInjector; projectId: string },
): void {
  const { writer, faults, projectId } = options
  app.post('/v1/traces', async (request, reply) => {
    const fault = faults.forCall(OTLP_METHOD)
    if (fault.latencyMs > 0) await delay(fault.latencyMs, undefined, { ref: false })
    if (fault.error) {
      const body = { code: STATUS_CODES[fault.error.code], message: fault.error.message }
      return reply.code(httpStatus(fault.error.code)).send(body)
    }
    const binary = request.body instanceof Uint8Array
    const message = request.body instanceof Uint8Array ? decode(request.body) : otlpFromJson(request.body)
    const result = writer.writeOtlp(projectId, message)
    if (fault.loseAnswer) {
      reply.hijack()
      return undefined
    }
    const partial = result.rejectedSpans > 0
    if (binary) {
      const answer = exportTraceServiceResponseCodec.encode(partial ? { partialSuccess: result } : {})
      return reply.type(PROTOBUF).send(Buffer.from(answer))
    }
    return reply.send(
      partial
        ? { partialSuccess: { rejectedSpans: String(result.rejectedSpans), errorMessage: result.errorMessage } }
        : {},
    )
  })
}

function decode(bytes: Uint8Array): ReturnType<typeof exportTraceServiceRequestCodec.decode> {
  try {
    return exportTraceServiceRequestCodec.decode(bytes)
  } catch (error) {
    if (error instanceof RangeError || error instanceof protobuf.util.ProtocolError || error instanceof Error) {
      throw invalidArgument(`The body is not an ExportTraceServiceRequest in protobuf: ${error.message}`)
    }
    throw error
  }
}
