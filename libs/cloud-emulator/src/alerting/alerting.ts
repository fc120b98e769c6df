import type { Service } from '../api/service.ts'
import type { MetricStore } from '../monitoring/store/metric-store.ts'
import { channelService } from './channels/channel-service.ts'
import { ChannelStore } from './channels/channel-store.ts'
import type { ConditionSources } from './evaluation/compile-condition.ts'
import type { InstantVector } from './evaluation/measure-promql.ts'
import { groupService } from './groups/group-service.ts'
import { GroupStore } from './groups/group-store.ts'
import { alertService } from './incidents/alert-service.ts'
import { IncidentLog } from './incidents/incident-log.ts'
import { Notifier } from './notifications/notifier.ts'
import { AllowedHosts } from './outbound/allowed-hosts.ts'
import { shownConditionUnit } from './policies/condition-unit.ts'
import type { AlertPolicyMessage, ConditionMessage } from './policies/policy.ts'
import { alertPolicyService } from './policies/policy-service.ts'
import { PolicyStore } from './policies/policy-store.ts'
import { PolicyEngine } from './policy-engine.ts'
import { measureBurnRate } from './slo/burn-rate.ts'
import { serviceMonitoringService } from './slo/slo-service.ts'
import { SloStore } from './slo/slo-store.ts'
import { snoozeService } from './snoozes/snooze-service.ts'
import { SnoozeStore } from './snoozes/snooze-store.ts'
import { type PolicyTest, testPolicy } from './test-policy.ts'
import { UptimeRunner, type WriteSeries } from './uptime/uptime-runner.ts'
import { uptimeService } from './uptime/uptime-service.ts'
import { UptimeStore } from './uptime/uptime-store.ts'

export interface AlertingOptions {
  readonly metrics: MetricStore
  readonly nowMicros: () => number
  /** Called when something that the alerts page shows has changed. */
  readonly changed: (projectId: string) => void
  /** Hosts besides this machine that webhooks may be sent to. */
  readonly notifyAllow: readonly string[]
  /** Hosts besides this machine that uptime checks may be made of. */
  readonly uptimeAllow: readonly string[]
  /** Writes the metrics of uptime checks. */
  readonly write: WriteSeries
  /** Evaluates PromQL queries over the metrics of a project. */
  readonly instantVector: (projectId: string) => InstantVector
  /** The address of the web UI. */
  readonly pageUrl: () => string
  /** The delays between the attempts of a webhook; shorter in tests. */
  readonly webhookWaitsMs?: readonly number[] | undefined
}

/** Alert policies, their evaluation, their incidents, and notifications about these. */
export class Alerting {
  readonly policies: PolicyStore
  readonly channels: ChannelStore
  readonly snoozes: SnoozeStore
  readonly groups = new GroupStore()
  readonly slos = new SloStore()
  readonly uptimeChecks: UptimeStore
  readonly uptime: UptimeRunner
  readonly incidents: IncidentLog
  readonly engine: PolicyEngine
  readonly notifier: Notifier
  readonly services: readonly Service[]
  /** The unit of the values that a condition compares. */
  readonly unitOf: (projectId: string, condition: ConditionMessage) => string
  readonly #sourcesOf: (projectId: string) => ConditionSources

  constructor(options: AlertingOptions) {
    const { metrics, nowMicros, changed } = options
    const descriptor = (projectId: string, type: string) => metrics.projects.get(projectId)?.descriptors.get(type)
    this.unitOf = (projectId, condition) => shownConditionUnit(condition, (type) => descriptor(projectId, type))
    const metricDisplayName = (projectId: string, type: string) => descriptor(projectId, type)?.displayName ?? ''
    this.incidents = new IncidentLog((incident, change) => {
      this.notifier.notify(incident, change)
      changed(incident.projectId)
    })
    this.policies = new PolicyStore({
      nowMicros,
      context: (projectId) => ({
        hasChannel: (name) => this.channels.find(name) !== undefined,
        hasSlo: (name) => this.slos.findSlo(name) !== undefined,
        metric: (type) => descriptor(projectId, type),
      }),
      changed: (projectId, policy) => {
        this.engine.policyChanged(projectId, policy)
        changed(projectId)
      },
    })
    this.channels = new ChannelStore({
      nowMicros,
      policiesWith: (channel) => this.policies.namesWithChannel(channel),
      removeFromPolicies: (channel) => this.policies.removeChannel(channel),
      changed,
    })
    this.snoozes = new SnoozeStore({
      nowMicros,
      hasPolicy: (name) => this.policies.find(name) !== undefined,
      changed,
    })
    this.uptimeChecks = new UptimeStore({
      policiesWith: (projectId, checkId) => this.policies.policiesWithFilterOn(projectId, checkId),
      changed,
    })
    this.uptime = new UptimeRunner({
      checks: this.uptimeChecks,
      allowed: new AllowedHosts(options.uptimeAllow, '--uptime.allow'),
      nowMicros,
      write: options.write,
    })
    this.#sourcesOf = (projectId) => ({
      store: metrics,
      projectId,
      measureSlo: (selector) => measureBurnRate(selector, this.slos, { store: metrics, projectId }),
      instantVector: options.instantVector(projectId),
    })
    this.engine = new PolicyEngine({
      policies: this.policies,
      incidents: this.incidents,
      sourcesOf: this.#sourcesOf,
      isSnoozed: (policyName, series, atMicros) => this.snoozes.isSnoozed(policyName, series, atMicros),
      metric: descriptor,
      evaluated: (atMicros) => this.notifier.renotify(atMicros),
      nowMicros,
    })
    this.notifier = new Notifier({
      policies: this.policies,
      channels: this.channels,
      incidents: this.incidents,
      allowed: new AllowedHosts(options.notifyAllow, '--notify.allow'),
      nowMicros,
      metricDisplayName,
      incidentUrl: (projectId, id) =>
        `${options.pageUrl()}/#/alerts${id === '' ? '' : `/${id}`}?project=${encodeURIComponent(projectId)}`,
      changed,
      ...(options.webhookWaitsMs ? { waitsMs: options.webhookWaitsMs } : {}),
    })
    this.services = [
      alertPolicyService(this.policies, (name) => this.engine.statusOf(name)?.invalidity),
      alertService(this.incidents),
      channelService(this.channels, (channel, code) =>
        this.notifier.sendCode(channel.name.split('/')[1] ?? '', channel, code),
      ),
      snoozeService(this.snoozes),
      groupService(this.groups, { metrics, nowMicros }),
      uptimeService(this.uptimeChecks),
      serviceMonitoringService(this.slos),
    ]
  }

  /** Starts the uptime checks that are due, and evaluates the policies that are due. */
  catchUp(): Promise<void> {
    this.uptime.runDue()
    return this.engine.catchUp()
  }

  /** What a policy would have done in a past time range. Throws INVALID_ARGUMENT. */
  async testPolicy(
    projectId: string,
    policy: AlertPolicyMessage,
    interval: { fromMicros: number; toMicros: number },
  ): Promise<PolicyTest> {
    this.policies.check(projectId, policy)
    return testPolicy(policy, this.#sourcesOf(projectId), interval)
  }

  /** Deletes everything. */
  clear(): void {
    for (const part of [
      this.engine,
      this.incidents,
      this.notifier,
      this.snoozes,
      this.policies,
      this.channels,
      this.groups,
      this.slos,
      this.uptimeChecks,
      this.uptime,
    ])
      part.clear()
  }

  /** Cancels notifications that are being sent. */
  close(): void {
    this.notifier.close()
    this.uptime.close()
  }
}
