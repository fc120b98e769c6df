import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { PolicyStateName, PolicyView } from '../../../contract/alerting.ts'

const STATES: Readonly<Record<PolicyStateName, string>> = {
  firing: 'Firing',
  pending: 'Pending',
  quiet: 'Quiet',
  noData: 'No data',
  matchesNothing: 'Matches no series',
  invalid: 'Cannot be evaluated',
  disabled: 'Disabled',
}
/** Policies that need attention come first. */
const STATE_ORDER = Object.keys(STATES)

/** The policies, starting with those that need attention. */
export function sortedPolicies(policies: readonly PolicyView[]): readonly PolicyView[] {
  return policies.toSorted(
    (a, b) => STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) || a.displayName.localeCompare(b.displayName),
  )
}

/** A policy as a line that opens to its conditions. */
export function policyView({
  name,
  displayName,
  state,
  says,
  severity,
  conditions,
  channels,
}: PolicyView): TemplateResult {
  const note = says || conditions.map(({ rule }) => rule).join(', ')
  const notified =
    channels === 0 ? 'no notification channel' : `${channels} notification ${plural(channels, 'channel')}`
  // No spaces between elements, so that screen readers and tests get only the text.
  return html`<details class="alert-row" name="policy">
    <summary><span class="policy-state" data-state=${state}>${STATES[state]}</span><span class="alert-subject" title=${displayName}>${displayName}</span><span class="muted alert-note" title=${note}>${note}</span>${severity === '' ? nothing : html`<span class="severity" data-severity=${severity}>${severity}</span>`}</summary>
    <div class="alert-detail">
      ${says === '' ? nothing : html`<p class="policy-says">${says}</p>`}
      ${conditions.map(
        (condition) =>
          html`<p>
              <strong>${condition.displayName}</strong>: ${condition.rule}; ${formatCount(condition.selected)} series match
            </p>
            <pre class="json">${condition.filter}</pre>`,
      )}
      <p class="muted">${name} · ${notified}</p>
    </div>
  </details>`
}
