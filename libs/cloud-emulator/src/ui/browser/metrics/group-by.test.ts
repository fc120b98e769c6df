import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { AppContext } from '../app-context.ts'
import type { QueryChoices } from './aggregation-choices.ts'
import { groupByView } from './group-by.ts'

const LABELS = { metricLabels: { status: ['200', '500'] }, resourceTypes: [], resourceLabels: { zone: ['a'] } }

describe('the labels that series can be grouped by', () => {
  const set: string[] = []
  const app: Pick<AppContext, 'setParameters'> = { setParameters: ({ by = '' }) => set.push(by) }
  const view = (changes: Partial<QueryChoices>) => {
    const choices = { reducer: 'REDUCE_SUM', groupBy: ['metric.label.status'], ...changes }
    // The view uses only these parts of both.
    return groupByView(app as AppContext, LABELS, choices as QueryChoices)
  }

  test('is each label with the number of its values', () => {
    assert.equal(textOf(view({})), 'Group by status 2zone 1')
    assert.match(markupOf(view({})), /\?disabled=false/)
  })
  test('is disabled without a reducer', () => {
    assert.match(textOf(view({ reducer: 'REDUCE_NONE' })), /^Group by \(choose a reducer first\)/)
    assert.match(markupOf(view({ reducer: 'REDUCE_NONE' })), /\?disabled=true/)
  })
  test('is added and removed by a click', () => {
    for (const change of listenersOf(view({}), 'change')) change(new Event('change'))
    assert.deepEqual(set, ['', 'metric.label.status,resource.label.zone'])
  })
})
