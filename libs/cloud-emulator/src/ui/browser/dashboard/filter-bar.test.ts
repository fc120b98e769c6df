import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listenersOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { DashboardFilter } from '../../../contract/dashboard.ts'
import type { AppContext } from '../app-context.ts'
import { choicesOf, filterBarView } from './filter-bar.ts'

const LABELS = { metricLabels: { status: ['500', '200'] }, resourceTypes: [], resourceLabels: { zone: ['a'] } }

function bar(
  dashboardFilters: readonly DashboardFilter[],
  parameters: Record<string, string> = {},
  annotations?: object,
) {
  const app: Pick<AppContext, 'route' | 'setParameters'> = {
    route: () => ({ page: 'dashboards', parameters }),
    setParameters: () => {},
  }
  // The bar uses only these parts of it.
  return filterBarView(app as AppContext, { dashboardFilters, ...(annotations && { annotations }) }, LABELS)
}

test('the choices are the parameters with their prefix', () =>
  assert.deepEqual(choicesOf({ range: '1h', 'f.status': '200', 'f.zone': '' }), { status: '200', zone: '' }))

describe('the filters of a dashboard', () => {
  const cases: [what: string, filter: DashboardFilter, parameters: Record<string, string>, text: string][] = [
    ['by a metric label', { labelKey: 'status', filterType: 'METRIC_LABEL' }, {}, 'status all 200 500'],
    ['by a resource label', { labelKey: 'zone', filterType: 'RESOURCE_LABEL' }, {}, 'zone all a'],
    [
      'with a variable and a value that no series has',
      { labelKey: 'zone', templateVariable: 'where', filterType: 'RESOURCE_LABEL' },
      { 'f.where': 'b' },
      'where all b a',
    ],
    ['with only a value', { templateVariable: 'v', filterType: 'VALUE_ONLY', stringValue: 'x' }, {}, 'v'],
    [
      'by something that is not stored here',
      { labelKey: 'g', filterType: 'GROUP' },
      {},
      'g: filters by GROUP have no effect here',
    ],
    [
      'with a list of values',
      { templateVariable: 'v', filterType: 'VALUE_ONLY', stringArrayValue: { values: ['a'] } },
      {},
      'v v: its list of values (stringArray) has no effect here',
    ],
    [
      'with a list to choose from',
      { labelKey: 'zone', filterType: 'RESOURCE_LABEL', stringArray: { values: ['a', 'b'] } },
      {},
      'zone all a zone: its list of values (stringArray) has no effect here',
    ],
    ['without a type', { labelKey: 'g' }, {}, 'g: filters by FILTER_TYPE_UNSPECIFIED have no effect here'],
  ]
  for (const [what, filter, parameters, text] of cases)
    test(what, () => {
      const view = bar([filter], parameters)
      const words = (all: string): string[] => all.split(' ').sort()
      assert.deepEqual(words(textOf(view)), words(text))
    })

  test('annotations of a dashboard are not supported', () => {
    const eventAnnotations = [{ displayName: 'e', eventType: 'VM_TERMINATION' }]
    assert.equal(textOf(bar([], {}, { eventAnnotations })), 'Not supported here: annotations')
    assert.equal(textOf(bar([], {}, {})), '')
  })

  test('each takes a choice', () => {
    const filters = [
      { labelKey: 'status', filterType: 'METRIC_LABEL' },
      { templateVariable: 'v', filterType: 'VALUE_ONLY' },
    ]
    assert.equal(listenersOf(bar(filters), 'change').length, 2)
  })
})
