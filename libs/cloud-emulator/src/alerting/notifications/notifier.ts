import type { NotificationEvent, NotificationOutcome } from '../../contract/alerting.ts'
import { timestampToMicros } from '../../protos/timestamp.ts'
import { type ChannelMessage, VERIFICATION } from '../channels/channel.ts'
import type { ChannelStore } from '../channels/channel-store.ts'
import { alertName, type Incident } from '../incidents/incident.ts'
import type { IncidentLog } from '../incidents/incident-log.ts'
import type { AllowedHosts } from '../outbound/allowed-hosts.ts'
import { postJson } from '../outbound/post-json.ts'
import { type AlertPolicyMessage, isEnabled, PROMPTS } from '../policies/policy.ts'
import type { PolicyStore } from '../policies/policy-store.ts'
import { testBody, webhookBody } from './webhook-body.ts'

const MAX_RECORDS = 1000
const MAX_AT_ONCE = 20
const WAITS_MS = [1000, 5000, 15_000]

/** A notification that was sent to a channel, or would have been. */
export interface NotificationRecord {
  readonly id: number
  readonly projectId: string
  readonly channel: string
  readonly channelType: string
  readonly channelName: string
  readonly incident: string
  readonly policyName: string
  readonly event: NotificationEvent
  readonly text: string
  readonly atMicros: number
  outcome: NotificationOutcome
  detail: string
  attempts: number
}

export interface NotifierOptions {
  readonly policies: PolicyStore
  readonly channels: ChannelStore
  readonly incidents: IncidentLog
  readonly allowed: AllowedHosts
  readonly nowMicros: () => number
  readonly metricDisplayName: (projectId: string, type: string) => string
  /** The address of an incident's page. */
  readonly incidentUrl: (projectId: string, id: string) => string
  readonly changed: (projectId: string) => void
  /** The delays between attempts; shorter in tests. */
  readonly waitsMs?: readonly number[]
}

type Body = (channel: ChannelMessage) => unknown

/** Notifies channels of incidents: webhooks are sent, notifications of other types only recorded. */
export class Notifier {
  readonly #options: NotifierOptions
  readonly #records: NotificationRecord[] = []
  readonly #lastMicros = new Map<string, number>()
  readonly #waiting: (() => Promise<void>)[] = []
  readonly #ended = new AbortController()
  #running = 0
  #count = 0

  constructor(options: NotifierOptions) {
    this.#options = options
  }

  /** Newest first. */
  list(projectId: string): NotificationRecord[] {
    return this.#records.filter((one) => one.projectId === projectId).reverse()
  }

  clear(): void {
    this.#records.length = 0
    this.#lastMicros.clear()
    this.#waiting.length = 0
  }

  close(): void {
    this.#ended.abort()
    this.#waiting.length = 0
  }

  /** Notifies the channels of the incident's policy, if the policy requests notifications for this event. */
  notify(incident: Incident, event: 'opened' | 'closed'): void {
    const policy = this.#options.policies.find(incident.policy.name)
    if (!policy || incident.closeReason === 'snoozed') return
    const prompts = policy.alertStrategy?.notificationPrompts ?? []
    const wanted = event === 'opened' ? PROMPTS.OPENED : PROMPTS.CLOSED
    if (prompts.length > 0 && !prompts.includes(wanted)) return
    for (const name of policy.notificationChannels) this.#notifyChannel(name, incident, event)
    if (event === 'closed')
      for (const name of policy.notificationChannels) this.#lastMicros.delete(`${name} ${alertName(incident)}`)
  }

  /** Sends reminders of open incidents, as their policies request. */
  renotify(atMicros: number): void {
    for (const policy of this.#options.policies.all()) {
      for (const { channel, intervalMicros } of remindersOf(policy)) {
        for (const incident of this.#options.incidents.openOf(policy.name).values()) {
          const last = this.#lastMicros.get(`${channel} ${alertName(incident)}`) ?? incident.openedMicros
          if (atMicros - last >= intervalMicros) this.#notifyChannel(channel, incident, 'reminder')
        }
      }
    }
  }

  /** Sends a test notification to a channel. */
  test(projectId: string, channel: ChannelMessage): NotificationRecord {
    const url = this.#options.incidentUrl(projectId, '')
    return this.#send(channel, { projectId, incident: '', policyName: '', event: 'test', text: 'A test' }, () =>
      testBody(projectId, url),
    )
  }

  /** Records a verification code that was sent to a channel. */
  sendCode(projectId: string, channel: ChannelMessage, code: string): void {
    this.#record(channel, {
      projectId,
      incident: '',
      policyName: '',
      event: 'verification',
      text: `The verification code is ${code}`,
    })
  }

  #notifyChannel(name: string, incident: Incident, event: NotificationEvent): void {
    const channel = this.#options.channels.find(name)
    if (!channel || !isEnabled(channel)) return
    this.#lastMicros.set(`${name} ${alertName(incident)}`, this.#options.nowMicros())
    const { projectId, policy, metricType } = incident
    const text = incident.documentation?.subject || incident.summary
    // The body describes the incident at this time, however late it is sent.
    const body = webhookBody(incident, {
      url: this.#options.incidentUrl(projectId, incident.id),
      metricDisplayName: this.#options.metricDisplayName(projectId, metricType),
    })
    const about = { projectId, incident: alertName(incident), policyName: policy.displayName, event, text }
    if (channel.verificationStatus === VERIFICATION.UNVERIFIED)
      this.#record(channel, about, { outcome: 'failed', detail: 'The channel is not verified.' })
    else this.#send(channel, about, () => body)
  }

  #send(channel: ChannelMessage, about: About, body: Body): NotificationRecord {
    if (!channel.type.startsWith('webhook_')) return this.#record(channel, about)
    const record = this.#record(channel, about, { outcome: 'sending', detail: '' })
    this.#waiting.push(async () => {
      const { username, password = '' } = channel.labels
      const { sent, detail, attempts } = await postJson({
        url: channel.labels.url ?? '',
        body: body(channel),
        headers:
          channel.type === 'webhook_basicauth'
            ? { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
            : {},
        allowed: this.#options.allowed,
        waitsMs: this.#options.waitsMs ?? WAITS_MS,
        signal: this.#ended.signal,
      })
      record.outcome = sent ? 'sent' : 'failed'
      record.detail = detail
      record.attempts = attempts
      this.#options.changed(record.projectId)
    })
    this.#runWaiting()
    return record
  }

  #runWaiting(): void {
    while (this.#running < MAX_AT_ONCE) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#running++
      void next().finally(() => {
        this.#running--
        this.#runWaiting()
      })
    }
  }

  #record(
    channel: ChannelMessage,
    about: About,
    { outcome, detail }: { outcome: NotificationOutcome; detail: string } = {
      outcome: 'recorded',
      detail: `Channels of type "${channel.type}" are recorded here, not sent.`,
    },
  ): NotificationRecord {
    const record: NotificationRecord = {
      ...about,
      id: ++this.#count,
      channel: channel.name,
      channelType: channel.type,
      channelName: channel.displayName,
      atMicros: this.#options.nowMicros(),
      outcome,
      detail,
      attempts: 0,
    }
    this.#records.push(record)
    if (this.#records.length > MAX_RECORDS) this.#records.shift()
    this.#options.changed(record.projectId)
    return record
  }
}

type About = Pick<NotificationRecord, 'projectId' | 'incident' | 'policyName' | 'event' | 'text'>

function remindersOf({ alertStrategy }: AlertPolicyMessage): { channel: string; intervalMicros: number }[] {
  return (alertStrategy?.notificationChannelStrategy ?? []).flatMap(({ notificationChannelNames, renotifyInterval }) =>
    renotifyInterval
      ? notificationChannelNames.map((channel) => ({ channel, intervalMicros: timestampToMicros(renotifyInterval) }))
      : [],
  )
}
