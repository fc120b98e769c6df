import { setTimeout as delay } from 'node:timers/promises'
import { debuglog } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { invalidArgument } from '../api/rpc-error.ts'
import { httpStatus } from '../api/status.ts'
import { STATUS_CODES } from '../contract/status.ts'
import type { FaultInjector } from '../faults/fault-injector.ts'
import type { TraceWriter } from '../trace/trace-writer.ts'
import { otlpFromJson } from './otlp-json.ts'
import {
  type ExportTraceServiceRequest,
  exportTraceServiceRequestCodec,
  exportTraceServiceResponseCodec,
  spansOfOtlp,
} from './otlp-spans.ts'

const debug = debuglog('cloud-emulator')

/** The name by which faults refer to OTLP's export of traces. */
export const OTLP_METHOD = 'ExportTraces'

/** OTLP over HTTP at `/v1/traces`, protobuf and JSON (opentelemetry-proto, docs/specification.md). */
export function registerOtlpRoute(
  app: FastifyInstance,
  options: { writer: TraceWriter; faults: FaultInjector; projectId: string },
): void {
  const { writer, faults, projectId } = options
  app.post('/v1/traces', async ({ body }, reply) => {
    const fault = faults.forCall(OTLP_METHOD)
    if (fault.latencyMs > 0) await delay(fault.latencyMs, undefined, { ref: false })
    if (fault.error) {
      const { code, message } = fault.error
      return reply.code(httpStatus(code)).send({ code: STATUS_CODES[code], message })
    }
    const binary = body instanceof Uint8Array
    const result = writer.writeOtlp(projectId, spansOfOtlp(binary ? decode(body) : otlpFromJson(body)))
    debug('%s: %d spans rejected', OTLP_METHOD, result.rejectedSpans)
    if (fault.loseAnswer) {
      reply.hijack()
      return undefined
    }
    const { rejectedSpans, errorMessage } = result
    if (binary) {
      const answer = exportTraceServiceResponseCodec.encode(rejectedSpans > 0 ? { partialSuccess: result } : {})
      return reply.type('application/x-protobuf').send(Buffer.from(answer))
    }
    return reply.send(
      rejectedSpans > 0 ? { partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage } } : {},
    )
  })
}

function decode(bytes: Uint8Array): ExportTraceServiceRequest {
  try {
    return exportTraceServiceRequestCodec.decode(bytes)
  } catch (error) {
    if (error instanceof Error)
      throw invalidArgument(`The body is not an ExportTraceServiceRequest in protobuf: ${error.message}`)
    throw error
  }
}
