import { html, render, repeat, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { AlertingView, IncidentView, PolicyView } from '../../../contract/alerting.ts'
import { channelLines, notificationLines, section, snoozeLines, uptimeLines } from '../alerting/alerting-sections.ts'
import { policyView, sortedPolicies } from '../alerting/policy-view.ts'
import type { AppContext, Page } from '../app-context.ts'
import { incidentDetails } from '../dashboard/widgets/alerting/incident-details.ts'
import { el } from '../element.ts'
import { codeBlock, emptyState, otherProjects } from '../empty-state.ts'
import { type Figure, figuresView } from '../figures.ts'

function figuresOf({ incidents, policies, notifications }: AlertingView): readonly Figure[] {
  const open = incidents.filter(({ closedMs }) => closedMs === undefined).length
  const firing = policies.filter(({ state }) => state === 'firing').length
  return [
    { title: 'Open incidents', text: formatCount(open), bad: open > 0 },
    { title: 'Policies firing', text: formatCount(firing), bad: firing > 0 },
    { title: 'Policies', text: formatCount(policies.length) },
    { title: 'Notifications', text: formatCount(notifications.length) },
  ]
}

/** Shows incidents, the policies that open them, and their notifications. */
export class AlertsPage implements Page {
  readonly element = el('div', { class: 'page alerts-page' })
  readonly #app: AppContext

  constructor(app: AppContext) {
    this.#app = app
  }

  async refresh(signal: AbortSignal): Promise<void> {
    const view = await this.#app.api.alerting(signal)
    const { policies, incidents, channels } = view
    const isEmpty = policies.length === 0 && incidents.length === 0 && channels.length === 0
    render(
      html`${figuresView(figuresOf(view))}
        <div class="alert-lists">
          ${isEmpty ? this.#nothing() : this.#lists(view)}
          ${section('Uptime checks', uptimeLines(view.uptimeChecks, this.#app.nowMs()))}
        </div>`,
      this.element,
    )
  }

  destroy(): void {}

  #lists({ incidents, policies, channels, notifications, snoozes }: AlertingView): TemplateResult {
    const app = this.#app
    const incidentKey = ({ id }: IncidentView): string => id
    const policyKey = ({ name }: PolicyView): string => name
    const rows = repeat(incidents, incidentKey, (incident) =>
      incidentDetails(incident, { nowMs: app.nowMs(), open: app.route().id === incident.id }),
    )
    return html`<h2 class="list-title">Incidents</h2>
      ${incidents.length > 0 ? rows : html`<p class="muted alert-none">No policy has fired.</p>`}
      <h2 class="list-title">Policies</h2>
      ${repeat(sortedPolicies(policies), policyKey, policyView)}
      ${section(
        'Notification channels',
        channelLines(channels, (name) => app.api.testChannel(name)),
      )}
      ${section('Notifications', notificationLines(notifications))}
      ${section('Snoozes', snoozeLines(snoozes, app.nowMs()))}`
  }

  #nothing(): TemplateResult {
    return emptyState(
      'There are no alert policies',
      html`${otherProjects(this.#app, 'alerts')}
        <p>Serve those of a folder:</p>
        ${codeBlock('npx cloud-emulator --policies deploy/alerts')}
        <p>or create one with gcloud:</p>
        ${codeBlock('gcloud alpha monitoring policies create --policy-from-file=policy.json')}`,
    )
  }
}
