import type { Int64Like } from '../../protos/int64.ts'
import type { AnyValueMessage, KeyValueMessage, ResourceMessage, ScopeMessage } from '../any-value.ts'

/** `opentelemetry.proto.logs.v1.LogRecord`. */
export interface LogRecordMessage {
  timeUnixNano: Int64Like
  observedTimeUnixNano: Int64Like
  severityNumber: number
  severityText: string
  body?: AnyValueMessage | null
  attributes: KeyValueMessage[]
  flags: number
  traceId: Uint8Array
  spanId: Uint8Array
  eventName: string
}

export interface ResourceLogsMessage {
  resource?: ResourceMessage | null
  scopeLogs: { scope?: ScopeMessage | null; logRecords: LogRecordMessage[] }[]
}

export interface ExportLogsServiceRequest {
  resourceLogs: ResourceLogsMessage[]
}
