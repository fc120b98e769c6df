import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { PolicyView } from '../../../contract/alerting.ts'
import { policyView, sortedPolicies } from './policy-view.ts'

const POLICY: PolicyView = {
  name: 'projects/p/alertPolicies/1',
  displayName: 'too slow',
  severity: '',
  state: 'quiet',
  says: '',
  openIncidents: 0,
  channels: 0,
  conditions: [{ displayName: 'p99', rule: 'above 500 ms for 5 min', filter: 'metric.type = "x"', selected: 1200 }],
}
const DETAIL = 'metric.type = "x" projects/p/alertPolicies/1 · '

describe('a policy', () => {
  const cases: [changes: Partial<PolicyView>, text: string][] = [
    [
      {},
      `Quiettoo slowabove 500 ms for 5 min p99: above 500 ms for 5 min; 1,200 series match ${DETAIL}no notification channel`,
    ],
    [
      { state: 'matchesNothing', says: 'No series.', severity: 'ERROR', channels: 1 },
      `Matches no seriestoo slowNo series.ERROR No series. p99: above 500 ms for 5 min; 1,200 series match ${DETAIL}1 notification channel`,
    ],
    [
      { state: 'invalid', channels: 2, conditions: [] },
      'Cannot be evaluatedtoo slow projects/p/alertPolicies/1 · 2 notification channels',
    ],
  ]
  for (const [changes, text] of cases)
    test(text, () => assert.equal(textOf(policyView({ ...POLICY, ...changes })), text))
})

test('policies that need attention come first, then by name', () => {
  const policies = (
    [
      ['disabled', 'a'],
      ['quiet', 'c'],
      ['quiet', 'b'],
      ['firing', 'z'],
      ['noData', 'y'],
      ['pending', 'x'],
    ] as const
  ).map(([state, displayName]) => ({ ...POLICY, state, displayName }))
  assert.equal(
    sortedPolicies(policies)
      .map(({ displayName }) => displayName)
      .join(''),
    'zxbcya',
  )
})
