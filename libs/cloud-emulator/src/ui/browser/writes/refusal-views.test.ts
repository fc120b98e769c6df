import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { Refusal, RefusalCount } from '../../../contract/refusals.ts'
import { reasonsView, refusalView } from './refusal-views.ts'

const NOW_MS = 1_767_323_040_000
const REFUSAL: Refusal = {
  id: 1,
  timeMs: NOW_MS,
  project: 'p',
  reason: 'order',
  status: 'INVALID_ARGUMENT',
  code: 3,
  message: 'Points must be written in order.',
  points: 1,
}
const clock = formatClock(NOW_MS)

describe('a refusal', () => {
  const cases: [what: string, changes: Partial<Refusal>, text: RegExp][] = [
    ['of something without a name', {}, new RegExp(`^${clock} INVALID_ARGUMENT \\(unnamed\\) Points must`)],
    ['of a span', { span: 'GET /' }, / span GET \/ /],
    [
      'of a log entry',
      { subject: 'projects/p/logs/l', reason: 'log_entry' },
      / projects\/p\/logs\/l .*Invalid log entries$/,
    ],
    [
      'of a point',
      {
        metricType: 'custom.googleapis.com/x',
        metricKind: 'GAUGE',
        valueType: 'DOUBLE',
        resourceType: 'global',
        metricLabels: { a: '1' },
        resourceLabels: { zone: 'z' },
        point: { startMs: null, endMs: 5, value: 1 },
      },
      /custom\.googleapis\.com\/x Points .* Points out of order GAUGE DOUBLE global a=1 zone=z \{ "startMs": null, "endMs": 5, "value": 1 \}$/,
    ],
    ['for a reason without a title', { reason: 'some_thing' }, /some thing$/],
  ]
  for (const [what, changes, text] of cases)
    test(what, () => assert.match(textOf(refusalView({ ...REFUSAL, ...changes }, NOW_MS)), text))
})

test('reasons are buttons that filter by the reason, or show all again', () => {
  const reason = (name: string, points: number): RefusalCount => ({
    reason: name,
    status: 'INVALID_ARGUMENT',
    code: 3,
    points,
    lastMs: NOW_MS - 5000,
  })
  const chosen: string[] = []
  const view = reasonsView(
    { refusals: [REFUSAL], byReason: [reason('order', 12_345), reason('rate', 1)], total: 1 },
    { chosen: 'rate', nowMs: NOW_MS, onChoose: (one) => chosen.push(one) },
  )
  assert.equal(
    textOf(view),
    'INVALID_ARGUMENT Points out of order Points must be written in order. 12,345 5 s ago INVALID_ARGUMENT Points written too frequently 1 5 s ago',
  )
  assert.deepEqual(markupOf(view).match(/aria-pressed=\w+/g), ['aria-pressed=false', 'aria-pressed=true'])
  for (const click of listenersOf(view, 'click')) click(new Event('click'))
  assert.deepEqual(chosen, ['order', ''])
})
