import { formatAgo, formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import type { ChannelView, NotificationView, SnoozeView, UptimeCheckView } from '../../../contract/alerting.ts'
import { el } from '../element.ts'

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

function row(state: string, stateText: string, ...cells: readonly (Node | string | null)[]): HTMLElement {
  return el(
    'div',
    { class: 'alert-row alert-line' },
    el('span', { class: 'policy-state', 'data-state': state }, stateText),
    ...cells,
  )
}

function section(title: string, rows: readonly HTMLElement[]): HTMLElement[] {
  return rows.length === 0 ? [] : [el('h2', { class: 'list-title' }, title), ...rows]
}

/** The notification channels, each with a button that sends it a test. */
export function channelSection(channels: readonly ChannelView[], test: (name: string) => Promise<void>): HTMLElement[] {
  return section(
    'Notification channels',
    channels.map((channel) => {
      const button = el('button', { type: 'button', class: 'button button-small' }, 'Send a test')
      button.addEventListener('click', () => {
        button.disabled = true
        test(channel.name)
          .catch((error: unknown) => {
            button.title = error instanceof Error ? error.message : String(error)
          })
          .finally(() => {
            button.disabled = false
          })
      })
      const usable = channel.enabled && channel.verified
      const state = !channel.enabled ? 'Disabled' : channel.verified ? 'Enabled' : 'Unverified'
      return row(
        usable ? 'quiet' : 'disabled',
        state,
        el('span', { class: 'alert-subject' }, channel.displayName || channel.type),
        el(
          'span',
          { class: 'muted alert-note' },
          `${channel.type} ${channel.target}, used by ${channel.policies} policies`,
        ),
        button,
      )
    }),
  )
}

export function notificationSection(notifications: readonly NotificationView[]): HTMLElement[] {
  return section(
    'Notifications',
    notifications.map(({ timeMs, channel, event, text, outcome, detail, attempts }) =>
      row(
        outcome === 'failed' ? 'firing' : 'quiet',
        OUTCOMES[outcome],
        el('span', { class: 'alert-subject', title: text }, `${EVENTS[event]}: ${text}`),
        el(
          'span',
          { class: 'muted alert-note', title: detail },
          `${formatDateTime(timeMs).slice(11, 19)} ${channel} ${detail}${attempts > 1 ? `, ${attempts} attempts` : ''}`,
        ),
      ),
    ),
  )
}

export function snoozeSection(snoozes: readonly SnoozeView[], nowMs: number): HTMLElement[] {
  return section(
    'Snoozes',
    snoozes.map(({ displayName, startMs, endMs, policies }) => {
      const isActive = startMs <= nowMs && nowMs < endMs
      return row(
        isActive ? 'pending' : 'disabled',
        isActive ? 'Active' : nowMs < startMs ? 'Planned' : 'Ended',
        el('span', { class: 'alert-subject' }, displayName),
        el(
          'span',
          { class: 'muted alert-note' },
          `${formatDateTime(startMs)} to ${formatDateTime(endMs)}, ${policies.length} policies`,
        ),
      )
    }),
  )
}

export function uptimeSection(checks: readonly UptimeCheckView[], nowMs: number): HTMLElement[] {
  return section(
    'Uptime checks',
    checks.map(({ displayName, target, passed, problem, latencyMs, checkedMs }) =>
      row(
        passed === undefined ? 'noData' : passed ? 'quiet' : 'firing',
        passed === undefined ? 'Not made' : passed ? 'Up' : 'Down',
        el('span', { class: 'alert-subject' }, displayName),
        el(
          'span',
          { class: 'muted alert-note', title: problem },
          checkedMs === undefined
            ? `${target} ${problem}`
            : `${target} ${problem || `${Math.round(latencyMs ?? 0)} ms`}, ${formatAgo(checkedMs, nowMs)}`,
        ),
      ),
    ),
  )
}
