import { messageCodec } from '../../protos/registry.ts'
import type { BoolValueMessage, MutationRecordMessage } from '../resources/messages.ts'

/** `google.monitoring.v3.NotificationChannel`. */
export interface ChannelMessage {
  name: string
  type: string
  displayName: string
  description: string
  labels: Record<string, string>
  userLabels: Record<string, string>
  /** The number of `VerificationStatus`. */
  verificationStatus: number
  enabled?: BoolValueMessage | null
  creationRecord?: MutationRecordMessage | null
  mutationRecords: MutationRecordMessage[]
}

/** `NotificationChannel.VerificationStatus` by name. */
export const VERIFICATION = { VERIFICATION_STATUS_UNSPECIFIED: 0, UNVERIFIED: 1, VERIFIED: 2 } as const

export const channelCodec = messageCodec<ChannelMessage>('google.monitoring.v3.NotificationChannel')

/** A copy with some fields replaced, in the form of decoded messages. */
export function copyChannel(channel: ChannelMessage, changes: Partial<ChannelMessage>): ChannelMessage {
  const copy = channelCodec.type.create({ ...channel, ...changes }) as object as ChannelMessage
  return channelCodec.decode(channelCodec.encode(copy))
}
