import { RpcError } from '../api/rpc-error.ts'
import type { Service } from '../api/service.ts'
import type { MetricStore } from '../monitoring/store/metric-store.ts'
import { alertService } from './incidents/alert-service.ts'
import type { IncidentListener } from './incidents/incident-log.ts'
import { IncidentLog } from './incidents/incident-log.ts'
import { alertPolicyService } from './policies/policy-service.ts'
import { PolicyStore } from './policies/policy-store.ts'
import { PolicyEngine } from './policy-engine.ts'

export interface AlertingOptions {
  readonly metrics: MetricStore
  readonly nowMicros: () => number
  /** Something that the page of alerts shows has changed. */
  readonly changed: (projectId: string) => void
}

/** Alert policies, their evaluation and their incidents. */
export class Alerting {
  readonly policies: PolicyStore
  readonly incidents: IncidentLog
  readonly engine: PolicyEngine
  readonly services: readonly Service[]

  constructor({ metrics, nowMicros, changed }: AlertingOptions) {
    const listener: IncidentListener = ({ projectId }) => changed(projectId)
    this.incidents = new IncidentLog(listener)
    const descriptor = (projectId: string, type: string) => metrics.projects.get(projectId)?.descriptors.get(type)
    this.policies = new PolicyStore({
      nowMicros,
      context: (projectId) => ({ hasChannel: () => false, metric: (type) => descriptor(projectId, type) }),
      changed: (projectId, policy) => {
        this.engine.policyChanged(projectId, policy)
        changed(projectId)
      },
    })
    this.engine = new PolicyEngine({
      policies: this.policies,
      incidents: this.incidents,
      sourcesOf: (projectId) => ({
        store: metrics,
        projectId,
        measureSlo: () => {
          throw new RpcError('UNIMPLEMENTED', 'Service-level objectives are not implemented by this emulator yet.')
        },
      }),
      isSnoozed: () => false,
      metricDisplayName: (projectId, type) => descriptor(projectId, type)?.displayName ?? '',
      nowMicros,
    })
    this.services = [
      alertPolicyService(this.policies, (name) => this.engine.statusOf(name)?.invalidity),
      alertService(this.incidents),
    ]
  }

  /** Evaluates what is due. */
  catchUp(): Promise<void> {
    return this.engine.catchUp()
  }

  /** Deletes all policies and incidents. */
  clear(): void {
    this.policies.clear()
    this.incidents.clear()
    this.engine.clear()
  }
}
