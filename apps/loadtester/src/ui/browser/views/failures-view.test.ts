import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import { shownRun } from '../../../../test/testing/shown-run.ts'
import { failuresView } from './failures-view.ts'

const row = (error: string, count: number) => ({ method: 'GET', name: '/', error, count })

describe('the failures', () => {
  it('say that there are none', () => assert.match(textOf(failuresView(shownRun())), /No request has failed/))
  it('come with the most frequent first, and with what their codes mean', () => {
    const text = textOf(failuresView(shownRun({ failureRows: [row('HTTP 503', 2), row('ECONNREFUSED', 1234)] })))
    assert.match(text, /1,234GET\/ECONNREFUSED: nothing was listening at the target––.*2GET\/HTTP 503/)
  })
  it('have the seconds in which they were seen', () => {
    const seen = { ...row('HTTP 500', 1), firstSeenMs: new Date(2026, 0, 2, 3, 4, 5).getTime() }
    assert.match(textOf(failuresView(shownRun({ failureRows: [seen] }))), /2026-01-02 03:04:05–/)
  })
  it('of engines have their traceback, if one is known', () => {
    const exceptions = [
      { message: 'boom', count: 1, traceback: 'at line 1', workers: ['a', 'b'] },
      { message: 'plain', count: 1, traceback: '', workers: ['a'] },
    ]
    const markup = markupOf(failuresView(shownRun({ exceptions })))
    assert.equal(markup.match(/<details>/g)?.length, 1)
    assert.match(markup, /<summary>boom<\/summary><pre>at line 1<\/pre>/)
    assert.match(markup, /a, b/)
  })
  it('of scenarios are counted by their codes', () =>
    assert.match(textOf(failuresView(shownRun({ errors: [['ENOTFOUND', 3]] }))), /3ENOTFOUND: the target's name/))
})
