import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatAgo, formatClock, formatMoment } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type { ChannelView, NotificationView, SnoozeView, UptimeCheckView } from '../../../contract/alerting.ts'

const OUTCOMES: Readonly<Record<NotificationView['outcome'], string>> = {
  sending: 'Sending',
  sent: 'Sent',
  failed: 'Failed',
  recorded: 'Recorded',
}
const EVENTS: Readonly<Record<NotificationView['event'], string>> = {
  opened: 'opened',
  closed: 'closed',
  reminder: 'still open',
  test: 'test',
  verification: 'verification',
}

function policiesText(count: number): string {
  return `${formatCount(count)} ${plural(count, 'policy', 'policies')}`
}

interface Line {
  readonly state: string
  readonly stateText: string
  readonly subject: string
  readonly note: string
  readonly hint?: string
  readonly action?: TemplateResult
}

function lineView({ state, stateText, subject, note, hint = note, action }: Line): TemplateResult {
  return html`<div class="alert-row alert-line">
    <span class="policy-state" data-state=${state}>${stateText}</span>
    <span class="alert-subject" title=${subject}>${subject}</span>
    <span class="muted alert-note" title=${hint}>${note}</span>
    ${action ?? nothing}
  </div>`
}

/** Rows below a heading; nothing if there are no rows. */
export function section(title: string, rows: readonly unknown[]): TemplateResult | typeof nothing {
  return rows.length === 0 ? nothing : html`<h2 class="list-title">${title}</h2>${rows}`
}

/** The notification channels, each with a button that sends a test notification. */
export function channelLines(
  channels: readonly ChannelView[],
  test: (name: string) => Promise<void>,
): readonly TemplateResult[] {
  return channels.map(({ name, displayName, type, target, policies, enabled, verified }) => {
    const send = async ({ currentTarget }: Event): Promise<void> => {
      if (!(currentTarget instanceof HTMLButtonElement)) return
      currentTarget.disabled = true
      try {
        await test(name)
      } catch (error) {
        currentTarget.title = error instanceof Error ? error.message : String(error)
      }
      currentTarget.disabled = false
    }
    return lineView({
      state: enabled && verified ? 'quiet' : 'disabled',
      stateText: !enabled ? 'Disabled' : verified ? 'Enabled' : 'Unverified',
      subject: displayName || type,
      note: `${type} ${target}, used by ${policiesText(policies)}`,
      action: html`<button type="button" class="button button-small" @click=${(event: Event) => void send(event)}>
        Send a test
      </button>`,
    })
  })
}

/** The notifications that were sent. */
export function notificationLines(notifications: readonly NotificationView[]): readonly TemplateResult[] {
  return notifications.map(({ timeMs, channel, event, text, outcome, detail, attempts }) =>
    lineView({
      state: outcome === 'failed' ? 'firing' : 'quiet',
      stateText: OUTCOMES[outcome],
      subject: `${EVENTS[event]}: ${text}`,
      note: `${formatClock(timeMs)} ${channel} ${detail}${attempts > 1 ? `, ${attempts} attempts` : ''}`,
      hint: detail,
    }),
  )
}

/** The snoozes, including those that have ended. */
export function snoozeLines(snoozes: readonly SnoozeView[], nowMs: number): readonly TemplateResult[] {
  return snoozes.map(({ displayName, startMs, endMs, policies }) => {
    const isActive = startMs <= nowMs && nowMs < endMs
    return lineView({
      state: isActive ? 'pending' : 'disabled',
      stateText: isActive ? 'Active' : nowMs < startMs ? 'Planned' : 'Ended',
      subject: displayName,
      note: `${formatMoment(startMs)} to ${formatMoment(endMs)}, ${policiesText(policies.length)}`,
    })
  })
}

/** The uptime checks with their last result. */
export function uptimeLines(checks: readonly UptimeCheckView[], nowMs: number): readonly TemplateResult[] {
  return checks.map(({ displayName, target, passed, problem, notDone, latencyMs, checkedMs }) => {
    const result = problem || formatDurationMs(latencyMs ?? 0)
    return lineView({
      state: passed === undefined ? 'noData' : passed ? 'quiet' : 'firing',
      stateText: passed === undefined ? 'Not run' : passed ? 'Up' : 'Down',
      subject: displayName,
      note: [
        checkedMs === undefined ? `${target} ${problem}` : `${target} ${result}, ${formatAgo(checkedMs, nowMs)}`,
        notDone,
      ].join(' '),
    })
  })
}
