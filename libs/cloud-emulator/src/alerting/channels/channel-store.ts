import { createHash } from 'node:crypto'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { invalidField, RpcError } from '../../api/rpc-error.ts'
import { snakeCase } from '../../protos/json-fields.ts'
import { microsToTimestamp } from '../../protos/timestamp.ts'
import { updatedByMask } from '../resources/field-mask.ts'
import type { MutationRecordMessage } from '../resources/messages.ts'
import { ResourceIds } from '../resources/resource-ids.ts'
import { ResourceTable } from '../resources/resource-table.ts'
import { type ChannelMessage, channelCodec, copyChannel, VERIFICATION } from './channel.ts'
import { channelType } from './channel-types.ts'
import { checkChannel } from './check-channel.ts'

const MAX_CHANNELS = 4000
const OUTPUT_ONLY = ['creation_record', 'mutation_records', 'verification_status']
/** The maximum lifetime of a requested code. */
const MAX_CODE_MICROS = 30 * 86_400e6
const MAX_CODES = 1000

interface VerificationCode {
  readonly identity: string
  readonly untilMicros: number
}

export interface ChannelStoreOptions {
  readonly nowMicros: () => number
  /** The names of the policies that refer to a channel. */
  readonly policiesWith: (channel: string) => readonly string[]
  readonly removeFromPolicies: (channel: string) => void
  readonly changed: (projectId: string) => void
}

/** The notification channels of all projects. */
export class ChannelStore {
  readonly #table = new ResourceTable<ChannelMessage>({ limit: MAX_CHANNELS, plural: 'notification channels' })
  readonly #ids = new ResourceIds('notificationChannels')
  readonly #codeIds = new ResourceIds('verificationCodes')
  readonly #codes = new Map<string, VerificationCode>()
  readonly #options: ChannelStoreOptions

  constructor(options: ChannelStoreOptions) {
    this.#options = options
  }

  list(projectId: string): ChannelMessage[] {
    return this.#table.below(`projects/${projectId}/notificationChannels/`)
  }

  find(name: string): ChannelMessage | undefined {
    return this.#table.find(name)
  }

  /** Throws NOT_FOUND. */
  get(name: string): ChannelMessage {
    return this.#table.get(name)
  }

  clear(): void {
    this.#table.clear()
    this.#ids.clear()
    this.#codeIds.clear()
    this.#codes.clear()
  }

  /** Throws INVALID_ARGUMENT or RESOURCE_EXHAUSTED. */
  create(projectId: string, channel: ChannelMessage): ChannelMessage {
    if (channel.name !== '')
      throw invalidField(
        'notification_channel.name',
        channel.name,
        'It must be omitted: it is assigned when the channel is created.',
      )
    refuseStatus(channel)
    checkChannel(channel)
    const record = this.#record()
    const created = copyChannel(channel, {
      name: `projects/${projectId}/notificationChannels/${this.#ids.next()}`,
      enabled: channel.enabled ?? { value: true },
      verificationStatus: channelType(channel.type)?.needsVerification ? VERIFICATION.UNVERIFIED : 0,
      creationRecord: record,
      mutationRecords: [record],
    })
    this.#table.add(created)
    this.#options.changed(projectId)
    return created
  }

  /** Throws INVALID_ARGUMENT or NOT_FOUND. */
  update(projectId: string, update: ChannelMessage, paths: readonly string[]): ChannelMessage {
    const current = this.#table.get(update.name)
    if (paths.length === 0) refuseStatus(update, current)
    const heads = paths.map((path) => snakeCase(path.split('.')[0] ?? ''))
    for (const [index, head] of heads.entries())
      if (head === 'name' || head === 'verification_status')
        throw invalidField('update_mask', paths[index], `The ${head} of a channel cannot be updated.`)
    const masked = paths.filter((_, index) => !OUTPUT_ONLY.includes(heads[index] ?? ''))
    const next = paths.length === 0 ? update : updatedByMask(channelCodec, { current, update }, masked)
    if (next.type !== current.type)
      throw invalidField('notification_channel.type', next.type, `The type of a channel cannot be changed.`)
    const labels = withKnownSecrets(next, current)
    checkChannel(copyChannel(next, { labels }))
    const isSame = identityOf({ ...next, labels }) === identityOf(current)
    const needsVerification = channelType(next.type)?.needsVerification === true
    const updated = copyChannel(next, {
      name: current.name,
      labels,
      enabled: next.enabled ?? { value: true },
      verificationStatus: isSame || !needsVerification ? current.verificationStatus : VERIFICATION.UNVERIFIED,
      creationRecord: current.creationRecord ?? null,
      mutationRecords: [this.#record()],
    })
    this.#table.replace(updated)
    this.#options.changed(projectId)
    return updated
  }

  /** Throws NOT_FOUND, or FAILED_PRECONDITION if policies refer to the channel and `force` is not set. */
  delete(projectId: string, name: string, { force }: { force: boolean }): void {
    this.#table.get(name)
    const policies = this.#options.policiesWith(name)
    if (policies.length > 0 && !force)
      throw new RpcError(
        'FAILED_PRECONDITION',
        `Cannot delete the channel ${name}: it is used by ${policies.length} ${plural(policies.length, 'alert policy', 'alert policies')}, such as ${policies[0]}. Set force to remove it from ${plural(policies.length, 'it', 'them')}.`,
      )
    this.#table.delete(name)
    this.#options.removeFromPolicies(name)
    this.#options.changed(projectId)
  }

  /** A code that verifies channels with the same labels as this one. */
  newCode(channel: ChannelMessage, untilMicros?: number): { code: string; untilMicros: number } {
    const latest = this.#options.nowMicros() + MAX_CODE_MICROS
    const until = Math.min(untilMicros ?? latest, latest)
    const digits = this.#codeIds.next().padStart(6, '0').slice(-6)
    const code = `G-${digits}`
    const [oldest] = this.#codes.keys()
    if (oldest !== undefined && this.#codes.size >= MAX_CODES) this.#codes.delete(oldest)
    this.#codes.set(code, { identity: identityOf(channel), untilMicros: until })
    return { code, untilMicros: until }
  }

  /** Throws INVALID_ARGUMENT if the code is not for this channel, or has expired. */
  verify(projectId: string, name: string, code: string): ChannelMessage {
    const channel = this.#table.get(name)
    const known = this.#codes.get(code)
    if (!known || known.identity !== identityOf(channel) || known.untilMicros < this.#options.nowMicros())
      throw invalidField('code', code, 'It is not a code that was sent to this channel, or it has expired.')
    const verified = copyChannel(channel, { verificationStatus: VERIFICATION.VERIFIED })
    this.#table.replace(verified)
    this.#options.changed(projectId)
    return verified
  }

  /** Channels don't record who changed them. */
  #record(): MutationRecordMessage {
    return { mutateTime: microsToTimestamp(this.#options.nowMicros()), mutatedBy: '' }
  }
}

/** A channel as it is returned: secrets have only their last four characters. */
export function withoutSecrets(channel: ChannelMessage): ChannelMessage {
  const secrets = secretKeys(channel.type)
  if (!secrets.some((key) => channel.labels[key])) return channel
  return copyChannel(channel, {
    labels: Object.fromEntries(
      Object.entries(channel.labels).map(([key, value]) => [key, secrets.includes(key) ? obscured(value) : value]),
    ),
  })
}

/** A secret that an update contains in its obscured form is left unchanged. */
function withKnownSecrets(next: ChannelMessage, current: ChannelMessage): Record<string, string> {
  const secrets = secretKeys(next.type)
  return Object.fromEntries(
    Object.entries(next.labels).map(([key, value]) => {
      const known = current.labels[key]
      return [key, known !== undefined && secrets.includes(key) && value === obscured(known) ? known : value]
    }),
  )
}

function secretKeys(type: string): string[] {
  return channelType(type)?.labels.flatMap(({ key, sensitive }) => (sensitive ? [key] : [])) ?? []
}

function obscured(secret: string): string {
  return secret.length <= 4 ? '****' : `${'*'.repeat(secret.length - 4)}${secret.slice(-4)}`
}

function identityOf({ type, labels }: Pick<ChannelMessage, 'type' | 'labels'>): string {
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([type, entries]))
    .digest('hex')
}

function refuseStatus(channel: ChannelMessage, current?: ChannelMessage): void {
  if (channel.verificationStatus !== (current?.verificationStatus ?? 0) && channel.verificationStatus !== 0)
    throw invalidField(
      'notification_channel.verification_status',
      String(channel.verificationStatus),
      'It must not be set: call VerifyNotificationChannel instead.',
    )
}
