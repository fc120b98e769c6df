import type { PolicyStateName } from '../contract/alerting.ts'
import type { ConditionSources } from './evaluation/compile-condition.ts'
import type { MeasuredIdentity } from './evaluation/measurement.ts'
import { type Invalidity, PolicyEvaluation, type Violation } from './evaluation/policy-evaluation.ts'
import { TimeSlices } from './evaluation/time-slices.ts'
import type { CloseReason, Incident } from './incidents/incident.ts'
import { type IncidentLog, incidentKey } from './incidents/incident-log.ts'
import { type KnownMetric, newIncident } from './incidents/new-incident.ts'
import { type AlertPolicyMessage, isEnabled } from './policies/policy.ts'
import type { PolicyStore } from './policies/policy-store.ts'

/** About Cloud Monitoring's evaluation interval. */
const INTERVAL_MICROS = 30e6
/** After a longer gap, such as a suspended laptop, the missed times are not evaluated. */
const MAX_CATCH_UP_MICROS = 24 * 3600e6

export interface PolicyEngineOptions {
  readonly policies: PolicyStore
  readonly incidents: IncidentLog
  readonly sourcesOf: (projectId: string) => ConditionSources
  readonly isSnoozed: (policyName: string, identity: MeasuredIdentity, atMicros: number) => boolean
  readonly metric: (projectId: string, type: string) => KnownMetric | undefined
  /** Called when all policies have been evaluated for this time. */
  readonly evaluated: (atMicros: number) => void
  readonly nowMicros: () => number
}

/** The engine's state of a policy. */
export interface PolicyStatus {
  readonly state: PolicyStateName
  readonly invalidity: Invalidity | undefined
  readonly lastMicros: number | undefined
  /** How many stored series each condition selects. */
  readonly selected: readonly number[]
}

/** Evaluates all policies every 30 s of the emulator's clock, and opens and closes incidents. */
export class PolicyEngine {
  readonly #options: PolicyEngineOptions
  readonly #evaluations = new Map<string, PolicyEvaluation>()
  #lastMicros: number
  #running: Promise<void> = Promise.resolve()

  constructor(options: PolicyEngineOptions) {
    this.#options = options
    this.#lastMicros = tickBefore(options.nowMicros())
  }

  /** To be called when a policy was added, replaced or deleted. */
  policyChanged(projectId: string, changed: AlertPolicyMessage): void {
    const { policies, sourcesOf } = this.#options
    const policy = policies.find(changed.name)
    if (!policy) {
      this.#evaluations.delete(changed.name)
      this.#closeAll(changed.name, 'policy deleted')
      return
    }
    const known = this.#evaluations.get(policy.name)
    if (known) known.update(policy, sourcesOf(projectId))
    else this.#evaluations.set(policy.name, new PolicyEvaluation(policy, sourcesOf(projectId)))
    const names = new Set(policy.conditions.map(({ name }) => name))
    const isKept = (incident: Incident): boolean => isEnabled(policy) && names.has(incident.conditionName)
    this.#closeAll(policy.name, 'policy changed', (incident) => !isKept(incident))
  }

  statusOf(name: string): PolicyStatus | undefined {
    const evaluation = this.#evaluations.get(name)
    if (!evaluation) return undefined
    const { state, invalidity, lastMicros, selected } = evaluation
    return { state, invalidity, lastMicros, selected }
  }

  /** Evaluates everything that is due since the last call; concurrent calls wait for each other. */
  catchUp(): Promise<void> {
    this.#running = this.#running.then(() => this.#evaluateDue())
    return this.#running
  }

  clear(): void {
    this.#evaluations.clear()
    this.#lastMicros = tickBefore(this.#options.nowMicros())
  }

  async #evaluateDue(): Promise<void> {
    const nowMicros = tickBefore(this.#options.nowMicros())
    if (nowMicros < this.#lastMicros) this.#startOver(nowMicros)
    this.#lastMicros = Math.max(this.#lastMicros, nowMicros - MAX_CATCH_UP_MICROS)
    const slices = new TimeSlices()
    while (this.#lastMicros < nowMicros) {
      this.#lastMicros += INTERVAL_MICROS
      for (const evaluation of [...this.#evaluations.values()]) {
        await this.#evaluate(evaluation, this.#lastMicros)
        await slices.pass()
      }
      this.#options.evaluated(this.#lastMicros)
    }
  }

  /** The clock was set back: the state of the series is from the future. */
  #startOver(nowMicros: number): void {
    this.#lastMicros = nowMicros
    for (const [name, { policy }] of this.#evaluations)
      this.#evaluations.set(name, new PolicyEvaluation(policy, this.#options.sourcesOf(projectOf(policy))))
  }

  async #evaluate(evaluation: PolicyEvaluation, atMicros: number): Promise<void> {
    const { incidents, isSnoozed } = this.#options
    const { policy } = evaluation
    // The policy may have been deleted while another one was evaluated.
    if (this.#evaluations.get(policy.name) !== evaluation) return
    const violations = await evaluation.evaluate(atMicros)
    // The policy may have been replaced or deleted while a condition was measured.
    if (!violations || evaluation.policy !== policy || this.#evaluations.get(policy.name) !== evaluation) return
    const open = incidents.openOf(policy.name)
    const wanted = new Set<string>()
    for (const violation of violations) {
      if (isSnoozed(policy.name, violation.state.identity, atMicros)) continue
      const key = incidentKey(violation.condition.name, violation.seriesKey)
      wanted.add(key)
      const known = open.get(key)
      if (known) known.value = violation.state.value
      else this.#open(violation, policy, atMicros)
    }
    for (const [key, incident] of [...open]) if (!wanted.has(key)) this.#close(incident, evaluation, atMicros)
  }

  #close(incident: Incident, evaluation: PolicyEvaluation, atMicros: number): void {
    const value = evaluation.valueOf(incident.conditionName, incident.seriesKey)
    incident.value = value ?? incident.value
    const isSnoozed = this.#options.isSnoozed(incident.policy.name, incident, atMicros)
    const ended = value === undefined ? 'no data' : 'condition no longer met'
    this.#options.incidents.close(incident, atMicros, isSnoozed ? 'snoozed' : ended)
  }

  #open(violation: Violation, policy: AlertPolicyMessage, atMicros: number): void {
    const projectId = projectOf(policy)
    const metric = (type: string) => this.#options.metric(projectId, type)
    this.#options.incidents.open(newIncident(violation, policy, { projectId, atMicros, metric }))
  }

  #closeAll(policyName: string, reason: CloseReason, which: (incident: Incident) => boolean = () => true): void {
    const atMicros = this.#options.nowMicros()
    for (const incident of [...this.#options.incidents.openOf(policyName).values()])
      if (which(incident)) this.#options.incidents.close(incident, atMicros, reason)
  }
}

function tickBefore(micros: number): number {
  return Math.floor(micros / INTERVAL_MICROS) * INTERVAL_MICROS
}

function projectOf({ name }: AlertPolicyMessage): string {
  return name.split('/')[1] ?? ''
}
