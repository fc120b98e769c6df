import { createOtlpNetworkExportDelegate, OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import { convertLegacyHttpOptions, createOtlpHttpExporterMetrics } from '@opentelemetry/otlp-exporter-base/node-http'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import type { BatchExportResult, SpanBatch } from '../span-queue.ts'
import type { TraceRequest } from './trace-serializer.ts'
import { UndiciTransport } from './undici-transport.ts'

/** Where and how spans are sent by OTLP. */
export type OtlpTraceExporterOptions = Pick<
  Parameters<typeof convertLegacyHttpOptions>[0],
  'url' | 'headers' | 'timeoutMillis' | 'concurrencyLimit'
>

type Rejected = BatchExportResult['rejected']
type TraceResponse = ReturnType<typeof ProtobufTraceSerializer.deserializeResponse>

/** How batches are encoded. */
export interface OtlpTraceFormat<Batch> {
  readonly contentType: string
  readonly serializeRequest: (batch: Batch) => Uint8Array | undefined
  readonly deserializeResponse: (data: Uint8Array) => TraceResponse
}

/** OTLP in Protocol Buffers, of spans that are already serialized. */
export const PROTOBUF_FORMAT: OtlpTraceFormat<TraceRequest> = {
  contentType: 'application/x-protobuf',
  serializeRequest: (request) => request.serialize(),
  deserializeResponse: (data) => ProtobufTraceSerializer.deserializeResponse(data),
}

/** OTLP in JSON. */
export const JSON_FORMAT: OtlpTraceFormat<ReadableSpan[]> = {
  contentType: 'application/json',
  serializeRequest: (spans) => JsonTraceSerializer.serializeRequest(spans),
  deserializeResponse: (data) => JsonTraceSerializer.deserializeResponse(data),
}

/** OpenTelemetry's OTLP exporter over HTTP, with its configuration and limits, and with our transport. */
export class OtlpTraceExporter<Batch extends SpanBatch> extends OTLPExporterBase<Batch> {
  readonly #responses: { rejected: Rejected }

  constructor(options: OtlpTraceExporterOptions, format: OtlpTraceFormat<Batch>) {
    const configuration = convertLegacyHttpOptions(options, 'TRACES', 'v1/traces', {
      'Content-Type': format.contentType,
    })
    const responses: { rejected: Rejected } = { rejected: undefined }
    super(
      createOtlpNetworkExportDelegate(
        configuration,
        {
          serializeRequest: format.serializeRequest,
          deserializeResponse(data) {
            const response = format.deserializeResponse(data)
            responses.rejected = rejectedBy(response)
            return response
          },
        },
        createOtlpHttpExporterMetrics(
          'otlp_http_span_exporter',
          { name: 'span', countItems: ({ length }: Batch) => length },
          configuration.url,
          undefined,
        ),
        new UndiciTransport(configuration),
      ),
    )
    this.#responses = responses
  }

  override export(request: Batch, done: (result: BatchExportResult) => void): void {
    super.export(request, (result) => {
      // The response of this request has just been read: OpenTelemetry reports its result synchronously.
      const { rejected } = this.#responses
      this.#responses.rejected = undefined
      done(rejected === undefined ? result : { ...result, rejected })
    })
  }
}

/** Reads a partial success: https://opentelemetry.io/docs/specs/otlp/#partial-success-1. */
function rejectedBy({ partialSuccess }: TraceResponse): Rejected {
  const spans = Number(partialSuccess?.rejectedSpans ?? 0)
  if (!(spans > 0)) return undefined
  return { spans, reason: partialSuccess?.errorMessage || 'the collector rejected spans and gave no reason' }
}
