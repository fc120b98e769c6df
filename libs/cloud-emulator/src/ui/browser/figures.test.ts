import assert from 'node:assert/strict'
import { it } from 'node:test'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import { figuresView } from './figures.ts'

it('figures have titles, and show problems', () => {
  const view = figuresView([
    { title: 'Points accepted', text: '1,200' },
    { title: 'Points rejected', text: '3', bad: true },
  ])
  assert.equal(textOf(view), 'Points accepted 1,200 Points rejected 3')
  assert.equal(markupOf(view).match(/figure-value bad/g)?.length, 1)
  assert.match(markupOf(view), /title=Points rejected>/)
})
