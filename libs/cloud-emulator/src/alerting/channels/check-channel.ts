import { invalidField } from '../../api/rpc-error.ts'
import { checkUserLabels } from '../resources/user-labels.ts'
import type { ChannelMessage } from './channel.ts'
import { CHANNEL_TYPES, channelType, OPTIONAL_LABELS } from './channel-types.ts'

const MAX_NAME = 512
const MAX_DESCRIPTION = 1024
const MAX_LABEL = 4096
const FIELD = 'notification_channel'

/** The format of labels that require one, and its description. */
const FORMS: Readonly<Record<string, readonly [form: (text: string) => boolean, what: string]>> = {
  email_address: [(text) => /^[^\s@]{1,256}@[^\s@]{1,256}$/.test(text), 'an email address'],
  url: [isWebUrl, 'an http or https URL'],
  topic: [(text) => /^projects\/[^/]+\/topics\/[^/]+$/.test(text), 'projects/PROJECT/topics/TOPIC'],
  space: [(text) => /^spaces\/[^/]+$/.test(text), 'spaces/SPACE'],
  number: [(text) => /^\+?[\d ().-]{3,40}$/.test(text), 'a phone number'],
}

/** Throws INVALID_ARGUMENT with the path of the field if a channel breaks a rule. */
export function checkChannel(channel: ChannelMessage): void {
  const type = channelType(channel.type)
  if (!type)
    throw invalidField(
      `${FIELD}.type`,
      channel.type,
      `Known types are ${CHANNEL_TYPES.map((one) => one.type).join(', ')}.`,
    )
  if ([...channel.displayName].length > MAX_NAME)
    throw invalidField(`${FIELD}.display_name`, channel.displayName, `At most ${MAX_NAME} characters are allowed.`)
  if ([...channel.description].length > MAX_DESCRIPTION)
    throw invalidField(
      `${FIELD}.description`,
      channel.description,
      `At most ${MAX_DESCRIPTION} characters are allowed.`,
    )
  checkUserLabels(channel.userLabels, `${FIELD}.user_labels`)
  for (const { key } of type.labels)
    if (!channel.labels[key] && !OPTIONAL_LABELS.has(key))
      throw invalidField(`${FIELD}.labels["${key}"]`, '', `Channels of type "${type.type}" must have it.`)
  for (const [key, value] of Object.entries(channel.labels)) {
    if (!type.labels.some((label) => label.key === key) && !OPTIONAL_LABELS.has(key))
      throw invalidField(`${FIELD}.labels["${key}"]`, value, `Channels of type "${type.type}" have no such label.`)
    if (value.length > MAX_LABEL)
      throw invalidField(`${FIELD}.labels["${key}"]`, value, `At most ${MAX_LABEL} characters are allowed.`)
    const [isForm, what] = FORMS[key] ?? []
    if (isForm && !isForm(value)) throw invalidField(`${FIELD}.labels["${key}"]`, value, `It must be ${what}.`)
  }
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
