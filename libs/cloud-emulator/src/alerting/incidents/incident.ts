import type { Labels } from '../../contract/metrics.ts'

/** Why an incident was closed. */
export type CloseReason = 'condition no longer met' | 'no data' | 'policy changed' | 'policy deleted' | 'snoozed'

export interface RenderedDocumentation {
  readonly content: string
  readonly mimeType: string
  readonly subject: string
  readonly links: readonly { readonly displayName: string; readonly url: string }[]
}

/** The policy as it was when the incident opened. */
export interface PolicySnapshot {
  readonly name: string
  readonly displayName: string
  readonly userLabels: Labels
  /** The number of `AlertPolicy.Severity`. */
  readonly severity: number
}

/** A violation of a condition by one series, from its opening to its closing. */
export interface Incident {
  readonly id: string
  readonly projectId: string
  readonly policy: PolicySnapshot
  readonly conditionName: string
  readonly conditionDisplayName: string
  /** The condition as JSON, as notifications show it. */
  readonly condition: unknown
  readonly seriesKey: string
  readonly metricType: string
  readonly metricLabels: Labels
  readonly resourceType: string
  readonly resourceLabels: Labels
  readonly threshold: number | undefined
  readonly openedMicros: number
  /** The newest value. */
  value: number
  closedMicros: number | undefined
  closeReason: CloseReason | undefined
  /** Its subject, with which its summary begins. */
  readonly about: string
  /** For notifications, with numbers without units. */
  readonly summary: string
  /** For pages. */
  readonly summaryWithUnits: string
  readonly unit: string
  readonly documentation: RenderedDocumentation | undefined
}

/** The resource name of an incident: `projects/P/alerts/ID`. */
export function alertName({ projectId, id }: Pick<Incident, 'projectId' | 'id'>): string {
  return `projects/${projectId}/alerts/${id}`
}
