import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { Slice } from './pie-slices.ts'
import { type PieOptions, pieView } from './pie-view.ts'

const slice = (name: string, share: number): Slice => ({ name, value: share * 1000, share, labels: {} })
const slices = [slice('200', 0.95), slice('500', 0.05)]
const show = (changes: Partial<PieOptions> = {}) =>
  pieView(slices, ['red', 'blue'], { title: 'Requests', isDonut: false, showLabels: true, unit: '1', ...changes })

describe('a pie', () => {
  it('has a slice with a title for each value', () => {
    const titles = [...markupOf(show()).matchAll(/<title>(.*?)<\/title>/g)].map(([, title]) => title)
    assert.deepEqual(titles, ['200: 950, 95 %', '500: 50, 5.0 %'])
  })
  it('is listed with its values and percentages', () => assert.match(textOf(show()), /200 950 95 % 500 50 5\.0 %/))
  it('labels only slices with room for a label', () => assert.equal(markupOf(show()).match(/pie-label/g)?.length, 1))
  it('has no labels, if none are requested', () =>
    assert.doesNotMatch(markupOf(show({ showLabels: false })), /pie-label/))
  it('has its total in the centre of a donut, with its unit', () => {
    assert.match(markupOf(show({ isDonut: true, unit: 's' })), /pie-total" x="50" y="50">16\.67 min</)
    assert.doesNotMatch(markupOf(show()), /pie-total/)
  })
  it('has a name', () => {
    assert.match(markupOf(show()), /aria-label="Requests: shares/)
    assert.match(markupOf(show({ title: '' })), /aria-label="Pie: shares/)
  })
})
