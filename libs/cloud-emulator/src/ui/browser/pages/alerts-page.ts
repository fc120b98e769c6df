import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { AlertingView, IncidentView, PolicyStateName, PolicyView } from '../../../contract/alerting.ts'
import { channelSection, notificationSection, snoozeSection, uptimeSection } from '../alerting/alerting-sections.ts'
import type { AppContext, Page } from '../app-context.ts'
import { incidentDetails } from '../dashboard/widgets/alerting/incident-details.ts'
import { el } from '../element.ts'
import { codeBlock, emptyState, otherProjects } from '../empty-state.ts'
import { createFigures } from '../figures.ts'

const STATES: Readonly<Record<PolicyStateName, string>> = {
  firing: 'Firing',
  pending: 'Pending',
  quiet: 'Quiet',
  noData: 'No data',
  matchesNothing: 'Matches nothing',
  invalid: 'Cannot be evaluated',
  disabled: 'Disabled',
}
/** What needs attention comes first. */
const STATE_ORDER = Object.keys(STATES)

function policyRow(policy: PolicyView): HTMLElement {
  return el(
    'details',
    { class: 'alert-row', name: 'policy' },
    el(
      'summary',
      {},
      el('span', { class: 'policy-state', 'data-state': policy.state }, STATES[policy.state]),
      el('span', { class: 'alert-subject' }, policy.displayName),
      el('span', { class: 'muted alert-note' }, policy.says || policy.conditions.map(({ rule }) => rule).join(', ')),
      policy.severity === ''
        ? null
        : el('span', { class: 'severity', 'data-severity': policy.severity }, policy.severity),
    ),
    el(
      'div',
      { class: 'alert-detail' },
      policy.says === '' ? null : el('p', { class: 'policy-says' }, policy.says),
      ...policy.conditions.flatMap(({ displayName, rule, filter, selected }) => [
        el('p', {}, el('strong', {}, displayName), `: ${rule}; ${formatCount(selected)} series match`),
        el('pre', { class: 'json' }, filter),
      ]),
      el(
        'p',
        { class: 'muted' },
        `${policy.name} · ${policy.channels === 0 ? 'no notification channel' : `${policy.channels} notification channels`}`,
      ),
    ),
  )
}

function sortedPolicies(policies: readonly PolicyView[]): PolicyView[] {
  return [...policies].sort(
    (a, b) => STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) || a.displayName.localeCompare(b.displayName),
  )
}

/** Shows incidents, the policies that open them, and whom they are notified to. */
export function createAlertsPage(app: AppContext): Page {
  const figures = createFigures({
    open: 'Open incidents',
    firing: 'Policies firing',
    policies: 'Policies',
    notified: 'Notifications',
  })
  const lists = el('div', { class: 'alert-lists' })
  const element = el('div', { class: 'page alerts-page' }, figures.element, lists)
  let drawn = ''
  const open = new Set<string>()

  const incidentRows = (incidents: readonly IncidentView[]): HTMLElement[] =>
    incidents.map((incident) => {
      const row = incidentDetails(incident, app.nowMs())
      row.open = open.has(incident.id) || app.route().id === incident.id
      row.addEventListener('toggle', () => {
        if (row.open) open.add(incident.id)
        else open.delete(incident.id)
      })
      return row
    })

  const draw = (view: AlertingView): void => {
    const key = JSON.stringify([view, app.route().id ?? '', Math.floor(app.nowMs() / 60_000)])
    if (key === drawn) return
    drawn = key
    if (view.policies.length === 0 && view.incidents.length === 0 && view.channels.length === 0) {
      lists.replaceChildren(
        emptyState(
          'There are no alert policies',
          ...otherProjects(app, 'alerts'),
          el('p', {}, 'Serve those of a folder:'),
          codeBlock('npx cloud-emulator --policies deploy/alerts'),
          el('p', {}, 'or create one with gcloud:'),
          codeBlock('gcloud alpha monitoring policies create --policy-from-file=policy.json'),
        ),
        ...uptimeSection(view.uptimeChecks, app.nowMs()),
      )
      return
    }
    lists.replaceChildren(
      el('h2', { class: 'list-title' }, 'Incidents'),
      ...(view.incidents.length > 0
        ? incidentRows(view.incidents)
        : [el('p', { class: 'muted alert-none' }, 'No policy has fired.')]),
      el('h2', { class: 'list-title' }, 'Policies'),
      ...sortedPolicies(view.policies).map(policyRow),
      ...channelSection(view.channels, (name) => app.api.testChannel(name)),
      ...notificationSection(view.notifications),
      ...snoozeSection(view.snoozes, app.nowMs()),
      ...uptimeSection(view.uptimeChecks, app.nowMs()),
    )
  }

  return {
    element,
    async refresh(signal) {
      const view = await app.api.alerting(signal)
      const openCount = view.incidents.filter(({ closedMs }) => closedMs === undefined).length
      const firing = view.policies.filter(({ state }) => state === 'firing').length
      figures.set('open', formatCount(openCount), openCount > 0)
      figures.set('firing', formatCount(firing), firing > 0)
      figures.set('policies', formatCount(view.policies.length))
      figures.set('notified', formatCount(view.notifications.length))
      draw(view)
    },
    destroy: () => {},
  }
}
