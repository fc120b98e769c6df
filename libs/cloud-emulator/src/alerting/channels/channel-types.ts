/** A label of a channel type. */
interface ChannelLabel {
  readonly key: string
  readonly description: string
  /** Only its end is returned. */
  readonly sensitive?: boolean
}

/** A type of notification channel. */
export interface ChannelType {
  readonly type: string
  readonly displayName: string
  readonly description: string
  readonly labels: readonly ChannelLabel[]
  /** Channels must be verified with a code before they are notified. */
  readonly needsVerification?: boolean
}

const url = { key: 'url', description: 'The URL to which notifications are sent.' }

/** In the order in which Cloud Monitoring lists them. */
export const CHANNEL_TYPES: readonly ChannelType[] = [
  {
    type: 'email',
    displayName: 'Email',
    description: 'A channel that sends notifications via email.',
    labels: [{ key: 'email_address', description: 'An address to send email.' }],
  },
  {
    type: 'google_chat',
    displayName: 'Google Chat',
    description: 'A channel that sends notifications to a Google Chat space.',
    labels: [{ key: 'space', description: 'The resource name of the space, such as spaces/A1b2.' }],
  },
  {
    type: 'pagerduty',
    displayName: 'PagerDuty',
    description: 'A channel that sends notifications to a PagerDuty service.',
    labels: [{ key: 'service_key', description: 'The integration key.', sensitive: true }],
  },
  {
    type: 'pubsub',
    displayName: 'Cloud Pub/Sub',
    description: 'A channel that publishes notifications to a Pub/Sub topic.',
    labels: [{ key: 'topic', description: 'The full name of the topic: projects/PROJECT/topics/TOPIC.' }],
  },
  {
    type: 'slack',
    displayName: 'Slack',
    description: 'A channel that sends notifications to a Slack channel.',
    labels: [
      { key: 'channel_name', description: 'The Slack channel to which to post notifications.' },
      { key: 'auth_token', description: 'The OAuth access token.', sensitive: true },
    ],
  },
  {
    type: 'sms',
    displayName: 'SMS',
    description: 'A channel that sends notifications via Short Message Service (SMS).',
    labels: [{ key: 'number', description: 'The phone number, in international format.' }],
    needsVerification: true,
  },
  {
    type: 'webhook_basicauth',
    displayName: 'Webhook with Basic Authentication',
    description: 'A channel that posts notifications to a URL with HTTP Basic Authentication.',
    labels: [
      url,
      { key: 'username', description: 'The user name for HTTP Basic Authentication.' },
      { key: 'password', description: 'The password for HTTP Basic Authentication.' },
    ],
  },
  {
    type: 'webhook_tokenauth',
    displayName: 'Webhook with Token Authentication',
    description: 'A channel that posts notifications to a URL that contains a token.',
    labels: [url],
  },
]

/** Optional labels. */
export const OPTIONAL_LABELS: ReadonlySet<string> = new Set(['auth_token', 'team'])

/** The type of that name, such as `email`; undefined if there is none. */
export function channelType(type: string): ChannelType | undefined {
  return CHANNEL_TYPES.find((one) => one.type === type)
}
