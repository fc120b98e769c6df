import { createOtlpNetworkExportDelegate, OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import { convertLegacyHttpOptions, createOtlpHttpExporterMetrics } from '@opentelemetry/otlp-exporter-base/node-http'
import { ProtobufTraceSerializer, TraceExporterMetricsHelper } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { serializeTraceRequest } from './trace-serializer.ts'
import { UndiciTransport } from './undici-transport.ts'

/** Where and how spans are sent by OTLP. */
export type OtlpTraceExporterOptions = Parameters<typeof convertLegacyHttpOptions>[0]

/** OpenTelemetry's exporter of spans by OTLP over HTTP, with its configuration and limits, and our serializer and transport. */
export class OtlpTraceExporter extends OTLPExporterBase<ReadableSpan[]> {
  constructor(options: OtlpTraceExporterOptions) {
    const configuration = convertLegacyHttpOptions(options, 'TRACES', 'v1/traces', {
      'Content-Type': 'application/x-protobuf',
    })
    super(
      createOtlpNetworkExportDelegate(
        configuration,
        {
          serializeRequest: serializeTraceRequest,
          deserializeResponse: (data) => ProtobufTraceSerializer.deserializeResponse(data),
        },
        createOtlpHttpExporterMetrics(
          'otlp_http_span_exporter',
          TraceExporterMetricsHelper,
          configuration.url,
          undefined,
        ),
        new UndiciTransport(configuration),
      ),
    )
  }
}
