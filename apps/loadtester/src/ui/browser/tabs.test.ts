import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import { needsRun, tabOf, tabsView } from './tabs.ts'

describe('the tab of an address', () => {
  for (const [hash, tab] of [
    ['', 'statistics'],
    ['#charts', 'charts'],
    ['#history?compare=a,b', 'history'],
    ['#nothing', 'statistics'],
  ] as const)
    it(JSON.stringify(hash), () => assert.equal(tabOf(hash), tab))
})

it('some tabs have something to show without a run', () =>
  assert.deepEqual([needsRun('history'), needsRun('events'), needsRun('charts')], [false, false, true]))

describe('the links to the tabs', () => {
  it('mark the present one, and only that', () => {
    const markup = markupOf(tabsView('charts', { failures: 0, workers: 1 }))
    assert.equal(markup.match(/aria-current=page/g)?.length, 1)
    assert.match(markup, /href="#charts" aria-current=page/)
  })
  it('have the numbers of failures and workers', () => {
    assert.match(textOf(tabsView('charts', { failures: 0, workers: 2 })), /FailuresWorkers2Script/)
    assert.match(textOf(tabsView('charts', { failures: 3000, workers: 0 })), /Failures3,000Workers0Script/)
  })
})
