import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http'
import { ProtobufTraceSerializer, TraceExporterMetricsHelper } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { serializeTraceRequest } from './trace-serializer.ts'

/** Where and how spans are sent by OTLP. */
export type OtlpTraceExporterOptions = Parameters<typeof convertLegacyHttpOptions>[0]

/** OpenTelemetry's exporter of spans by OTLP over HTTP, with its transport, retries and limits, and our serializer. */
export class OtlpTraceExporter extends OTLPExporterBase<ReadableSpan[]> {
  constructor(options: OtlpTraceExporterOptions) {
    super(
      createOtlpHttpExportDelegate(
        convertLegacyHttpOptions(options, 'TRACES', 'v1/traces', { 'Content-Type': 'application/x-protobuf' }),
        {
          serializeRequest: serializeTraceRequest,
          deserializeResponse: (data) => ProtobufTraceSerializer.deserializeResponse(data),
        },
        'otlp_http_span_exporter',
        TraceExporterMetricsHelper,
        undefined,
      ),
    )
  }
}
