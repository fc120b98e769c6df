import { formatExactValue } from '@node-to-cloud/browser-kit/format/value'
import type { Alerting } from '../../alerting/alerting.ts'
import { type ChannelMessage, VERIFICATION } from '../../alerting/channels/channel.ts'
import { withoutSecrets } from '../../alerting/channels/channel-store.ts'
import type { Incident } from '../../alerting/incidents/incident.ts'
import type { NotificationRecord } from '../../alerting/notifications/notifier.ts'
import type { AlertPolicyMessage, ConditionMessage } from '../../alerting/policies/policy.ts'
import { COMPARISONS, isEnabled, SEVERITIES } from '../../alerting/policies/policy.ts'
import type { SnoozeMessage } from '../../alerting/snoozes/snooze.ts'
import type { UptimeCheckMessage } from '../../alerting/uptime/uptime-check.ts'
import { hostOf } from '../../alerting/uptime/uptime-runner.ts'
import type {
  AlertingView,
  ChannelView,
  ConditionView,
  IncidentView,
  NotificationView,
  PolicyView,
  SnoozeView,
  UptimeCheckView,
} from '../../contract/alerting.ts'
import { type TimestampMessage, timestampToMicros } from '../../protos/timestamp.ts'

const MAX_INCIDENTS = 500
const MAX_NOTIFICATIONS = 200

/** The data of the alerts page for a project. */
export function alertingView(alerting: Alerting, projectId: string): AlertingView {
  const incidents = alerting.incidents.list(projectId)
  const isOpen = (one: Incident): boolean => one.closedMicros === undefined
  return {
    incidents: [...incidents.filter(isOpen), ...incidents.filter((one) => !isOpen(one))]
      .slice(0, MAX_INCIDENTS)
      .map(incidentView),
    policies: alerting.policies.list(projectId).map((policy) => policyView(projectId, policy, alerting)),
    channels: alerting.channels.list(projectId).map((channel) => channelView(channel, alerting)),
    notifications: alerting.notifier.list(projectId).slice(0, MAX_NOTIFICATIONS).map(notificationView),
    snoozes: alerting.snoozes.list(projectId).map(snoozeView),
    uptimeChecks: alerting.uptimeChecks.list(projectId).map((check) => uptimeCheckView(check, alerting)),
  }
}

/** An incident as pages show it. */
export function incidentView(incident: Incident): IncidentView {
  const { closedMicros, closeReason, documentation, threshold, policy } = incident
  const {
    id,
    summaryWithUnits: summary,
    value,
    unit,
    metricType,
    metricLabels,
    resourceType,
    resourceLabels,
  } = incident
  return {
    id,
    policy: policy.name,
    policyName: policy.displayName,
    conditionName: incident.conditionDisplayName,
    severity: severityOf(policy.severity),
    openedMs: incident.openedMicros / 1000,
    ...(closedMicros === undefined ? {} : { closedMs: closedMicros / 1000 }),
    ...(closeReason === undefined ? {} : { closeReason }),
    summary,
    value,
    unit,
    ...(threshold === undefined ? {} : { threshold }),
    metricType,
    metricLabels,
    resourceType,
    resourceLabels,
    ...(documentation ? { documentation } : {}),
  }
}

function policyView(projectId: string, policy: AlertPolicyMessage, alerting: Alerting): PolicyView {
  const { engine, incidents } = alerting
  const { name, displayName, severity, notificationChannels, conditions } = policy
  const status = engine.statusOf(name)
  const state = status?.state ?? 'noData'
  const says =
    status?.invalidity?.message ??
    (state === 'matchesNothing' ? 'No stored series matches its filter, so it cannot fire.' : '')
  return {
    name,
    displayName,
    severity: severityOf(severity),
    state,
    says,
    openIncidents: incidents.openOf(name).size,
    channels: notificationChannels.length,
    ...(status?.lastMicros === undefined ? {} : { evaluatedMs: status.lastMicros / 1000 }),
    conditions: conditions.map((condition, index) =>
      conditionView(condition, { selected: status?.selected[index] ?? 0, unit: alerting.unitOf(projectId, condition) }),
    ),
  }
}

function conditionView(
  condition: ConditionMessage,
  { selected, unit }: { readonly selected: number; readonly unit: string },
): ConditionView {
  const { displayName, conditionThreshold: threshold, conditionAbsent: absence } = condition
  const promql = condition.conditionPrometheusQueryLanguage
  if (promql) return { displayName, rule: `PromQL${spanText(promql.duration)}`, filter: promql.query, selected }
  const rule = threshold
    ? `${COMPARISONS[threshold.comparison] === 'COMPARISON_LT' ? 'below' : 'above'} ${formatExactValue(threshold.thresholdValue, unit)}${spanText(threshold.duration)}`
    : `no data${spanText(absence?.duration)}`
  return { displayName, rule, filter: threshold?.filter ?? absence?.filter ?? '', selected }
}

function spanText(duration: TimestampMessage | null | undefined): string {
  const seconds = duration ? timestampToMicros(duration) / 1e6 : 0
  if (seconds === 0) return ''
  const [size, name] = seconds % 3600 === 0 ? [3600, 'h'] : seconds % 60 === 0 ? [60, 'min'] : [1, 's']
  return ` for ${seconds / size} ${name}`
}

function channelView(channel: ChannelMessage, { policies }: Alerting): ChannelView {
  const { name, type, displayName, labels } = withoutSecrets(channel)
  return {
    name,
    type,
    displayName,
    enabled: isEnabled(channel),
    verified: channel.verificationStatus !== VERIFICATION.UNVERIFIED,
    target: labels.url ?? Object.values(labels)[0] ?? '',
    policies: policies.namesWithChannel(name).length,
  }
}

function notificationView(record: NotificationRecord): NotificationView {
  const { id, atMicros, channelName, channelType, event, text, outcome, detail, attempts } = record
  return { id, timeMs: atMicros / 1000, channel: channelName || channelType, event, text, outcome, detail, attempts }
}

function snoozeView({ name, displayName, interval, criteria }: SnoozeMessage): SnoozeView {
  const msOf = (time: TimestampMessage | null | undefined): number => (time ? timestampToMicros(time) / 1000 : 0)
  return {
    name,
    displayName,
    startMs: msOf(interval?.startTime),
    endMs: msOf(interval?.endTime),
    policies: criteria?.policies ?? [],
  }
}

function uptimeCheckView(check: UptimeCheckMessage, { uptime }: Alerting): UptimeCheckView {
  const { name, displayName, httpCheck, tcpCheck } = check
  const host = hostOf(check)
  const result = uptime.resultOf(name)
  const target = httpCheck
    ? `${httpCheck.useSsl ? 'https' : 'http'}://${host ?? '?'}:${httpCheck.port}${httpCheck.path}`
    : `${host ?? '?'}:${tcpCheck?.port ?? ''}`
  return {
    name,
    displayName,
    target,
    notDone: notDone(check),
    problem: result?.problem ?? (host === undefined ? 'It is not run here: its resource has no address.' : ''),
    ...(result ? { passed: result.passed, latencyMs: result.latencyMs, checkedMs: result.atMicros / 1000 } : {}),
  }
}

function notDone({ httpCheck, tcpCheck }: UptimeCheckMessage): string {
  const pings = (httpCheck ?? tcpCheck)?.pingConfig?.pingsCount ?? 0
  return [
    pings > 0 ? 'Its pings are not sent.' : '',
    httpCheck?.serviceAgentAuthentication ? 'The token of a service agent is not sent.' : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

function severityOf(number: number): string {
  return number === 0 ? '' : (SEVERITIES[number] ?? '')
}
