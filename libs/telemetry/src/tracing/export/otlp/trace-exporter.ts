import { createOtlpNetworkExportDelegate, OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import { convertLegacyHttpOptions, createOtlpHttpExporterMetrics } from '@opentelemetry/otlp-exporter-base/node-http'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { BatchExportResult } from '../span-queue.ts'
import type { TraceRequest } from './trace-serializer.ts'
import { UndiciTransport } from './undici-transport.ts'

/** Where and how spans are sent by OTLP. */
export type OtlpTraceExporterOptions = Pick<
  Parameters<typeof convertLegacyHttpOptions>[0],
  'url' | 'headers' | 'timeoutMillis' | 'concurrencyLimit'
>

type Rejected = BatchExportResult['rejected']
type TraceResponse = ReturnType<typeof ProtobufTraceSerializer.deserializeResponse>

/** OpenTelemetry's OTLP exporter over HTTP, with its configuration and limits, for spans that are already serialized, and with our transport. */
export class OtlpTraceExporter extends OTLPExporterBase<TraceRequest> {
  readonly #responses: { rejected: Rejected }

  constructor(options: OtlpTraceExporterOptions) {
    const configuration = convertLegacyHttpOptions(options, 'TRACES', 'v1/traces', {
      'Content-Type': 'application/x-protobuf',
    })
    const responses: { rejected: Rejected } = { rejected: undefined }
    super(
      createOtlpNetworkExportDelegate(
        configuration,
        {
          serializeRequest: (request: TraceRequest) => request.serialize(),
          deserializeResponse(data) {
            const response = ProtobufTraceSerializer.deserializeResponse(data)
            responses.rejected = rejectedBy(response)
            return response
          },
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
    this.#responses = responses
  }

  override export(request: TraceRequest, done: (result: BatchExportResult) => void): void {
    super.export(request, (result) => {
      // The response of this request has just been read: OpenTelemetry reports its result at once.
      const { rejected } = this.#responses
      this.#responses.rejected = undefined
      done(rejected === undefined ? result : { ...result, rejected })
    })
  }
}

/** What a partial success says: https://opentelemetry.io/docs/specs/otlp/#partial-success-1. */
function rejectedBy({ partialSuccess }: TraceResponse): Rejected {
  const spans = Number(partialSuccess?.rejectedSpans ?? 0)
  if (!(spans > 0)) return undefined
  return { spans, reason: partialSuccess?.errorMessage || 'the collector rejected spans and gave no reason' }
}
