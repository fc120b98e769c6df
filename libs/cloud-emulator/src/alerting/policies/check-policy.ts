import { invalidArgument, invalidField } from '../../api/rpc-error.ts'
import { type TimestampMessage, timestampToMicros } from '../../protos/timestamp.ts'
import { checkUserLabels } from '../resources/user-labels.ts'
import { checkCondition, type PolicyContext } from './check-condition.ts'
import {
  type AlertPolicyMessage,
  type AlertStrategyMessage,
  alertPolicyCodec,
  COMBINERS,
  type DocumentationMessage,
  PROMPTS,
  SEVERITIES,
} from './policy.ts'

const MAX_NAME_CHARACTERS = 512
const MAX_POLICY_BYTES = 256 * 1024
const MAX_CONDITIONS = 6
const MAX_CHANNELS = 16
const MAX_LINKS = 3
const MAX_LINK_NAME = 63
const MAX_URL = 2083
const MAX_CONTENT_CHARACTERS = 8192
const MAX_TEXT_BYTES = 10_240
const HALF_HOUR = 1800
const DAY = 86_400
const FIELD = 'alert_policy'

/**
 * Throws INVALID_ARGUMENT with the path of the field if a policy breaks a rule, UNIMPLEMENTED for features that are not
 * implemented.
 */
export function checkPolicy(policy: AlertPolicyMessage, context: PolicyContext): void {
  const { displayName, conditions, combiner, severity } = policy
  const bytes = alertPolicyCodec.encode(policy).length
  if (bytes > MAX_POLICY_BYTES)
    throw invalidArgument(`The policy has ${bytes} bytes; at most ${MAX_POLICY_BYTES} are allowed.`)
  if (displayName === '') throw invalidField(`${FIELD}.display_name`, '', 'The display name is required.')
  if ([...displayName].length > MAX_NAME_CHARACTERS)
    throw invalidField(`${FIELD}.display_name`, displayName, `At most ${MAX_NAME_CHARACTERS} characters are allowed.`)
  if (conditions.length === 0 || conditions.length > MAX_CONDITIONS)
    throw invalidField(
      `${FIELD}.conditions`,
      undefined,
      `A policy must have between 1 and ${MAX_CONDITIONS} conditions.`,
    )
  if (!COMBINERS[combiner] || (combiner === 0 && conditions.length > 1))
    throw invalidField(
      `${FIELD}.combiner`,
      COMBINERS[combiner] ?? String(combiner),
      'AND, OR or AND_WITH_MATCHING_RESOURCE is required with several conditions.',
    )
  if (!SEVERITIES[severity])
    throw invalidField(`${FIELD}.severity`, String(severity), 'CRITICAL, ERROR and WARNING are allowed.')
  checkUserLabels(policy.userLabels, `${FIELD}.user_labels`)
  if (policy.documentation) checkDocumentation(policy.documentation, `${FIELD}.documentation`)
  for (const [index, condition] of conditions.entries())
    checkCondition(condition, `${FIELD}.conditions[${index}]`, context)
  checkChannels(policy, context)
  if (policy.alertStrategy) checkStrategy(policy.alertStrategy, policy, `${FIELD}.alert_strategy`)
}

function checkDocumentation({ content, mimeType, subject, links }: DocumentationMessage, field: string): void {
  if ([...content].length > MAX_CONTENT_CHARACTERS || Buffer.byteLength(content) > MAX_TEXT_BYTES)
    throw invalidField(
      `${field}.content`,
      undefined,
      `At most ${MAX_CONTENT_CHARACTERS} characters and ${MAX_TEXT_BYTES} bytes are allowed.`,
    )
  if (mimeType !== '' && mimeType !== 'text/markdown')
    throw invalidField(`${field}.mime_type`, mimeType, 'Only "text/markdown" is supported.')
  if (Buffer.byteLength(subject) > MAX_TEXT_BYTES)
    throw invalidField(`${field}.subject`, undefined, `At most ${MAX_TEXT_BYTES} bytes are allowed.`)
  if (links.length > MAX_LINKS)
    throw invalidField(`${field}.links`, undefined, `It has ${links.length}; at most ${MAX_LINKS} are allowed.`)
  for (const [index, { displayName, url }] of links.entries()) {
    const place = `${field}.links[${index}]`
    if (displayName === '' || [...displayName].length > MAX_LINK_NAME)
      throw invalidField(`${place}.display_name`, displayName, `From 1 to ${MAX_LINK_NAME} characters are allowed.`)
    if (url === '' || url.length > MAX_URL)
      throw invalidField(`${place}.url`, url, `From 1 to ${MAX_URL} characters are allowed.`)
  }
}

function checkChannels({ notificationChannels }: AlertPolicyMessage, { hasChannel }: PolicyContext): void {
  const field = `${FIELD}.notification_channels`
  if (notificationChannels.length > MAX_CHANNELS)
    throw invalidField(
      field,
      undefined,
      `It has ${notificationChannels.length} channels; at most ${MAX_CHANNELS} are allowed.`,
    )
  for (const [index, name] of notificationChannels.entries())
    if (!hasChannel(name)) throw invalidField(`${field}[${index}]`, name, 'There is no such notification channel.')
}

function checkStrategy(strategy: AlertStrategyMessage, policy: AlertPolicyMessage, field: string): void {
  const { notificationPrompts: prompts, autoClose } = strategy
  if (strategy.notificationRateLimit)
    throw invalidField(
      `${field}.notification_rate_limit`,
      undefined,
      'Only log-based alert policies may specify a notification rate limit.',
    )
  for (const [index, prompt] of prompts.entries())
    if (prompt !== PROMPTS.OPENED && prompt !== PROMPTS.CLOSED)
      throw invalidField(`${field}.notification_prompts[${index}]`, String(prompt), 'OPENED and CLOSED are allowed.')
  if (prompts.length > 0 && !prompts.includes(PROMPTS.OPENED))
    throw invalidField(`${field}.notification_prompts`, 'CLOSED', 'It can be [OPENED] or [OPENED, CLOSED].')
  if (autoClose)
    checkSpan(autoClose, `${field}.auto_close`, { least: HALF_HOUR, most: 7 * DAY, text: '30 minutes to 7 days' })
  for (const [index, one] of strategy.notificationChannelStrategy.entries()) {
    const place = `${field}.notification_channel_strategy[${index}]`
    for (const [at, name] of one.notificationChannelNames.entries())
      if (!policy.notificationChannels.includes(name))
        throw invalidField(
          `${place}.notification_channel_names[${at}]`,
          name,
          "It must be one of the policy's notification_channels.",
        )
    if (one.renotifyInterval)
      checkSpan(one.renotifyInterval, `${place}.renotify_interval`, {
        least: HALF_HOUR,
        most: DAY,
        text: '30 minutes to 24 hours',
      })
  }
}

function checkSpan(
  duration: TimestampMessage,
  field: string,
  { least, most, text }: { least: number; most: number; text: string },
): void {
  const seconds = timestampToMicros(duration) / 1e6
  if (seconds < least || seconds > most) throw invalidField(field, `${seconds}s`, `${text} are allowed.`)
}
