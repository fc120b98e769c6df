import { type CallContext, handler, type Service } from '../api/service.ts'
import type { ExportLogsServiceRequest } from './logs/log-messages.ts'
import type { ExportMetricsServiceRequest } from './metrics/metric-messages.ts'
import { EXPORT_NAMES, type Signal } from './otlp-names.ts'
import type { ExportOptions, OtlpReceiver } from './otlp-receiver.ts'
import type { ExportTraceServiceRequest } from './otlp-spans.ts'

/** When requests are validated as strictly as Google does: always, never, or on the TLS ports. */
export type Strictness = 'on' | 'off' | 'auto'

/** The services of OTLP by signal: their full names. */
export const OTLP_SERVICES: Readonly<Record<Signal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
}

/** The OTLP services, for both gRPC and HTTP. */
export function otlpServices(receiver: OtlpReceiver, { strict }: { strict: Strictness }): Service[] {
  const optionsOf = ({ secure }: CallContext): ExportOptions => ({
    strict: strict === 'on' || (strict === 'auto' && secure),
  })
  const service = (signal: Signal, handle: Service['handlers'][string]): Service => ({
    name: OTLP_SERVICES[signal],
    handlers: { Export: handle },
    callNames: { Export: EXPORT_NAMES[signal] },
  })
  return [
    service(
      'traces',
      handler<ExportTraceServiceRequest>((request, call) => {
        const { rejected, errorMessage } = receiver.exportTraces(request, optionsOf(call))
        return rejected > 0 ? { partialSuccess: { rejectedSpans: rejected, errorMessage } } : {}
      }),
    ),
    service(
      'metrics',
      handler<ExportMetricsServiceRequest>((request, call) => {
        const { rejected, errorMessage } = receiver.exportMetrics(request, optionsOf(call))
        return rejected > 0 ? { partialSuccess: { rejectedDataPoints: rejected, errorMessage } } : {}
      }),
    ),
    service(
      'logs',
      handler<ExportLogsServiceRequest>((request, call) => {
        const { rejected, errorMessage } = receiver.exportLogs(request, optionsOf(call))
        return rejected > 0 ? { partialSuccess: { rejectedLogRecords: rejected, errorMessage } } : {}
      }),
    ),
  ]
}
