import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import { quantilesOf, shownRun } from '../../../../test/testing/shown-run.ts'
import { historyTable, listingOf } from './history-table.ts'

const over = (id: string, changes: Parameters<typeof shownRun>[0] = {}) =>
  listingOf(shownRun({ id, endedMs: 9000, durationSeconds: 65, requests: 10, latencyMs: quantilesOf(9), ...changes }))
const choice = { chosen: [], onToggle: () => {}, onDelete: () => {} }

describe('the history', () => {
  it('says that nothing is kept yet', () => assert.match(textOf(historyTable([], choice)), /No test has finished yet/))
  it('has a row for each run', () =>
    assert.match(
      textOf(historyTable([over('a')], choice)),
      /s\.yml\s?no bounds1 min 05 s100 %09 ms9 ms9 msReportDelete/,
    ))
  it('has no response times where nothing was sent', () =>
    assert.match(textOf(historyTable([over('a', { requests: 0 })], choice)), /–––Report/))
  for (const [verdict, kind] of [
    ['passed', 'good'],
    ['failed', 'bad'],
    ['no bounds', ''],
  ] as const)
    it(`marks a run that is ${verdict}`, () =>
      assert.ok(markupOf(historyTable([over('a', { verdict })], choice)).includes(`pill ${kind}">${verdict}`)))
  it('can not delete the run that goes on', () => {
    const live = listingOf(shownRun({ state: 'running' }))
    assert.equal(listenersOf(historyTable([live, over('b')], choice), 'click').length, 1)
    assert.match(markupOf(historyTable([live], choice)), /pill ">running/)
  })
})

it('tells which run a click on a box is for', () => {
  const clicked: string[] = []
  const runs = ['a', 'b', 'c'].map((id) => over(id))
  const table = historyTable(runs, { ...choice, onToggle: (id) => clicked.push(id) })
  for (const listener of listenersOf(table, 'change')) listener(new Event('change'))
  assert.deepEqual(clicked, ['a', 'b', 'c'])
})
