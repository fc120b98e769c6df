import { messageCodec } from '../../protos/registry.ts'
import type { TimestampMessage } from '../../protos/timestamp.ts'

/** `google.monitoring.v3.Snooze`. */
export interface SnoozeMessage {
  name: string
  criteria?: { policies: string[]; filter: string } | null
  interval?: { startTime?: TimestampMessage | null; endTime?: TimestampMessage | null } | null
  displayName: string
}

export const snoozeCodec = messageCodec<SnoozeMessage>('google.monitoring.v3.Snooze')
