import { html, render, repeat } from '@node-to-cloud/browser-kit/browser/view'
import type { IncidentView } from '../../../../../contract/alerting.ts'
import type { IncidentList } from '../../../../../contract/dashboard.ts'
import { el } from '../../../element.ts'
import type { AlertReader, WidgetView } from '../widget-view.ts'
import { incidentDetails } from './incident-details.ts'

const MAX_INCIDENTS = 100

/**
 * Whether the list shows an incident: one of its policies, with a resource that matches the type and labels of one of
 * its resources.
 */
export function isListed(incident: IncidentView, { policyNames = [], monitoredResources = [] }: IncidentList): boolean {
  const { policy, resourceType, resourceLabels } = incident
  if (policyNames.length > 0 && !policyNames.includes(policy)) return false
  return (
    monitoredResources.length === 0 ||
    monitoredResources.some(
      ({ type = '', labels = {} }) =>
        (type === '' || type === resourceType) &&
        Object.entries(labels).every(([key, value]) => resourceLabels[key] === value),
    )
  )
}

/** The incidents of a project, or of some policies or resources; open ones first. */
export function createIncidentList(list: IncidentList, alerts: AlertReader): WidgetView {
  const body = el('div', { class: 'widget-incidents', tabindex: '0', role: 'region', 'aria-label': 'Incidents' })
  return {
    body,
    queries: [],
    async prepare(nowMs, signal) {
      const { incidents } = await alerts.alerting(signal)
      const shown = incidents.filter((incident) => isListed(incident, list)).slice(0, MAX_INCIDENTS)
      const key = ({ id }: IncidentView): string => id
      const rows = repeat(shown, key, (incident) => incidentDetails(incident, { nowMs }))
      render(shown.length > 0 ? rows : html`<p class="muted">No incidents.</p>`, body)
    },
    update: () => {},
    destroy: () => {},
  }
}
