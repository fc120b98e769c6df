import type { TimestampMessage } from '../../protos/timestamp.ts'

/** `google.protobuf.BoolValue`. */
export interface BoolValueMessage {
  value: boolean
}

/** `google.monitoring.v3.MutationRecord`. */
export interface MutationRecordMessage {
  mutateTime?: TimestampMessage | null
  mutatedBy?: string
}
