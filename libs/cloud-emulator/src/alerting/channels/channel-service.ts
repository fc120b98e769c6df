import { pageOf } from '../../api/list-page.ts'
import { projectOfName, splitName } from '../../api/resource-name.ts'
import { invalidArgument, RpcError } from '../../api/rpc-error.ts'
import { handler, type Service } from '../../api/service.ts'
import { microsToTimestamp, type TimestampMessage, timestampToMicros } from '../../protos/timestamp.ts'
import type { FieldMaskMessage } from '../resources/field-mask.ts'
import { type ListRequest, listResources } from '../resources/resource-list.ts'
import { type ChannelMessage, channelCodec, VERIFICATION } from './channel.ts'
import { type ChannelStore, withoutSecrets } from './channel-store.ts'
import { CHANNEL_TYPES, type ChannelType, channelType } from './channel-types.ts'

const MAX_PAGE = 1000
const GA = 4

/** Sends a verification code to a channel; here it is only recorded. */
export type SendCode = (channel: ChannelMessage, code: string) => void

interface ExpireRequest {
  name: string
  expireTime?: TimestampMessage | null
}

/** Cloud Monitoring's `google.monitoring.v3.NotificationChannelService`. */
export function channelService(store: ChannelStore, sendCode: SendCode): Service {
  return {
    name: 'google.monitoring.v3.NotificationChannelService',
    handlers: {
      ...descriptorHandlers(),
      ListNotificationChannels: handler<ListRequest & { name: string }>((request) => {
        const channels = store.list(projectOfName(request.name)).map(withoutSecrets)
        const page = listResources(channels, request.name, request, { codec: channelCodec })
        return {
          notificationChannels: page.items,
          nextPageToken: page.nextPageToken,
          totalSize: page.totalSize,
        }
      }),
      GetNotificationChannel: handler<{ name: string }>(({ name }) => withoutSecrets(named(store, name))),
      CreateNotificationChannel: handler<{ name: string; notificationChannel?: ChannelMessage | null }>(
        ({ name, notificationChannel }) =>
          withoutSecrets(store.create(projectOfName(name), given(notificationChannel))),
      ),
      UpdateNotificationChannel: handler<{
        notificationChannel?: ChannelMessage | null
        updateMask?: FieldMaskMessage | null
      }>(({ notificationChannel, updateMask }) => {
        const channel = given(notificationChannel)
        const { projectId } = splitName(channel.name, 'notificationChannels')
        return withoutSecrets(store.update(projectId, channel, updateMask?.paths ?? []))
      }),
      DeleteNotificationChannel: handler<{ name: string; force: boolean }>(({ name, force }) => {
        store.delete(splitName(name, 'notificationChannels').projectId, name, { force })
        return {}
      }),
      SendNotificationChannelVerificationCode: handler<{ name: string }>(({ name }) => {
        const channel = named(store, name)
        if (!channelType(channel.type)?.needsVerification)
          throw new RpcError('FAILED_PRECONDITION', `Channels of type "${channel.type}" need no verification.`)
        sendCode(channel, store.newCode(channel).code)
        return {}
      }),
      GetNotificationChannelVerificationCode: handler<ExpireRequest>(({ name, expireTime }) => {
        const channel = named(store, name)
        if (channel.verificationStatus !== VERIFICATION.VERIFIED)
          throw new RpcError('FAILED_PRECONDITION', `The channel ${name} is not verified.`)
        const { code, untilMicros } = store.newCode(channel, expireTime ? timestampToMicros(expireTime) : undefined)
        return { code, expireTime: microsToTimestamp(untilMicros) }
      }),
      VerifyNotificationChannel: handler<{ name: string; code: string }>(({ name, code }) =>
        withoutSecrets(store.verify(splitName(name, 'notificationChannels').projectId, name, code)),
      ),
    },
  }
}

function descriptorHandlers(): Service['handlers'] {
  return {
    ListNotificationChannelDescriptors: handler<{ name: string; pageSize: number; pageToken: string }>(
      ({ name, pageSize, pageToken }) => {
        const projectId = projectOfName(name)
        const page = pageOf(CHANNEL_TYPES, {
          pageSize: Math.max(0, pageSize),
          pageToken,
          maxPageSize: MAX_PAGE,
          fingerprint: name,
          sortKeyOf: ({ type }) => [type],
        })
        return {
          channelDescriptors: page.items.map((one) => descriptor(one, projectId)),
          nextPageToken: page.nextPageToken,
        }
      },
    ),
    GetNotificationChannelDescriptor: handler<{ name: string }>(({ name }) => {
      const { projectId, id } = splitName(name, 'notificationChannelDescriptors')
      const type = channelType(id)
      if (!type) throw new RpcError('NOT_FOUND', 'Requested entity was not found.')
      return descriptor(type, projectId)
    }),
  }
}

function descriptor({ type, displayName, description, labels }: ChannelType, projectId: string): object {
  return {
    name: `projects/${projectId}/notificationChannelDescriptors/${type}`,
    type,
    displayName,
    description,
    labels: labels.map(({ key, description: text }) => ({ key, description: text })),
    launchStage: GA,
  }
}

function named(store: ChannelStore, name: string): ChannelMessage {
  splitName(name, 'notificationChannels')
  return store.get(name)
}

function given(channel: ChannelMessage | null | undefined): ChannelMessage {
  if (channel) return channel
  throw invalidArgument('Field notification_channel is required.')
}
