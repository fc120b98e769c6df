import { createOtlpNetworkExportDelegate, OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import { convertLegacyHttpOptions, createOtlpHttpExporterMetrics } from '@opentelemetry/otlp-exporter-base/node-http'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { TraceRequest } from './trace-serializer.ts'
import { UndiciTransport } from './undici-transport.ts'

/** Where and how spans are sent by OTLP. */
export type OtlpTraceExporterOptions = Pick<
  Parameters<typeof convertLegacyHttpOptions>[0],
  'url' | 'headers' | 'timeoutMillis' | 'concurrencyLimit'
>

/** OpenTelemetry's OTLP exporter over HTTP, with its configuration and limits, for spans that are already serialized, and with our transport. */
export class OtlpTraceExporter extends OTLPExporterBase<TraceRequest> {
  constructor(options: OtlpTraceExporterOptions) {
    const configuration = convertLegacyHttpOptions(options, 'TRACES', 'v1/traces', {
      'Content-Type': 'application/x-protobuf',
    })
    super(
      createOtlpNetworkExportDelegate(
        configuration,
        {
          serializeRequest: (request: TraceRequest) => request.serialize(),
          deserializeResponse: (data) => ProtobufTraceSerializer.deserializeResponse(data),
        },
        createOtlpHttpExporterMetrics(
          'otlp_http_span_exporter',
          { name: 'span', countItems: ({ length }: TraceRequest) => length },
          configuration.url,
          undefined,
        ),
        new UndiciTransport(configuration),
      ),
    )
  }
}
