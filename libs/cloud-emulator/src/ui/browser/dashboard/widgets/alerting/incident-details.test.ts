import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatMoment } from '@node-to-cloud/browser-kit/format/time'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { IncidentView } from '../../../../../contract/alerting.ts'
import { incidentDetails } from './incident-details.ts'

const NOW_MS = 1_767_323_040_000
const INCIDENT: IncidentView = {
  id: '0.a',
  policy: 'projects/p/alertPolicies/1',
  policyName: 'too slow',
  conditionName: 'p99',
  severity: '',
  openedMs: NOW_MS - 600_000,
  summary: 'Latency is above the threshold of 500 ms with a value of 722 ms.',
  value: 0.722,
  unit: 's',
  metricType: 'm',
  metricLabels: { status: '200' },
  resourceType: 'global',
  resourceLabels: { zone: 'a' },
}
const DETAIL = `${INCIDENT.summary} too slow · p99 · opened ${formatMoment(INCIDENT.openedMs)} · 0.a zone=astatus=200`

describe('an incident', () => {
  const cases: [what: string, changes: Partial<IncidentView>, text: string][] = [
    ['that is open', {}, `Opentoo slowopened 10 min ago ${DETAIL}`],
    [
      'that is closed',
      { closedMs: NOW_MS - 60_000, closeReason: 'no data', severity: 'ERROR' },
      `Closedtoo slow9 min 00 s, closed 60 s ago: no dataERROR ${DETAIL}`,
    ],
    [
      'with documentation',
      { documentation: { subject: 'Slow', content: 'Do **this**.', links: [] } },
      `OpenSlowopened 10 min ago ${DETAIL} Do this.`,
    ],
  ]
  for (const [what, changes, text] of cases)
    test(what, () => assert.equal(textOf(incidentDetails({ ...INCIDENT, ...changes }, { nowMs: NOW_MS })), text))

  test('that has no room for its subject and times has them as titles', () => {
    const subject = 'a subject with more words than a row has room for'
    const documentation = { subject, content: '', links: [] }
    const titles = [
      ...markupOf(incidentDetails({ ...INCIDENT, documentation }, { nowMs: NOW_MS })).matchAll(/title="?(.*?)"?>/g),
    ]
    assert.deepEqual(
      titles.map(([, title]) => title),
      [subject, 'opened 10 min ago'],
    )
  })

  test('only web addresses become links', () => {
    const links = [
      { displayName: 'runbook', url: 'https://example.com/' },
      { displayName: 'script', url: 'javascript:alert(1)' },
    ]
    const documentation = { subject: '', content: '', links }
    const markup = markupOf(incidentDetails({ ...INCIDENT, documentation }, { nowMs: NOW_MS, open: true }))
    assert.match(markup, /<a href=https:\/\/example\.com\/ [^>]*>runbook<\/a>/)
    assert.match(markup, /<p>script: javascript:alert\(1\)<\/p>/)
    assert.match(markup, /\?open=true/)
  })
})
