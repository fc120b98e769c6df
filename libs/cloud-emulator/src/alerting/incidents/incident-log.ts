import { createHash } from 'node:crypto'
import { alertName, type CloseReason, type Incident } from './incident.ts'

const MAX_INCIDENTS = 5000
/** Cloud Monitoring's limits. */
const MAX_OPEN_OF_POLICY = 1000

/** Called for each incident that opens or closes. */
export type IncidentListener = (incident: Incident, change: 'opened' | 'closed') => void

/** All open incidents, and the most recently closed ones. */
export class IncidentLog {
  readonly #byName = new Map<string, Incident>()
  readonly #open = new Map<string, Map<string, Incident>>()
  readonly #listener: IncidentListener
  #count = 0

  constructor(listener: IncidentListener) {
    this.#listener = listener
  }

  find(name: string): Incident | undefined {
    return this.#byName.get(name)
  }

  /** The incidents of a project, newest first. */
  list(projectId: string): Incident[] {
    return [...this.#byName.values()].filter((one) => one.projectId === projectId).reverse()
  }

  /** The open incidents of a policy, by condition and series. */
  openOf(policyName: string): ReadonlyMap<string, Incident> {
    return this.#open.get(policyName) ?? new Map()
  }

  openCount(projectId: string): number {
    let count = 0
    for (const [name, open] of this.#open) if (name.startsWith(`projects/${projectId}/`)) count += open.size
    return count
  }

  /** Opens an incident, unless the policy has too many. */
  open(incident: Omit<Incident, 'id'>): void {
    const policyName = incident.policy.name
    const open = this.#open.get(policyName) ?? new Map<string, Incident>()
    if (open.size >= MAX_OPEN_OF_POLICY) return
    const opened: Incident = { ...incident, id: this.#nextId() }
    this.#open.set(policyName, open.set(incidentKey(opened.conditionName, opened.seriesKey), opened))
    this.#byName.set(alertName(opened), opened)
    this.#dropOldest()
    this.#listener(opened, 'opened')
  }

  close(incident: Incident, atMicros: number, reason: CloseReason): void {
    const open = this.#open.get(incident.policy.name)
    if (!open?.delete(incidentKey(incident.conditionName, incident.seriesKey))) return
    if (open.size === 0) this.#open.delete(incident.policy.name)
    incident.closedMicros = atMicros
    incident.closeReason = reason
    this.#listener(incident, 'closed')
  }

  clear(): void {
    this.#byName.clear()
    this.#open.clear()
    this.#count = 0
  }

  /** Such as `0.o2k9f1x7c3za`; it depends only on the order of incidents. */
  #nextId(): string {
    const digest = createHash('sha256')
      .update(`incident ${++this.#count}`)
      .digest()
    return `0.${digest.readBigUInt64BE().toString(36).padStart(12, '0').slice(-12)}`
  }

  #dropOldest(): void {
    if (this.#byName.size <= MAX_INCIDENTS) return
    for (const [name, { closedMicros }] of this.#byName) {
      if (closedMicros === undefined) continue
      this.#byName.delete(name)
      return
    }
  }
}

/** The key of an open incident among those of its policy. */
export function incidentKey(conditionName: string, seriesKey: string): string {
  return `${conditionName} ${seriesKey}`
}
