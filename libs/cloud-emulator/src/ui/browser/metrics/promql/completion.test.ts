import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { completionContext, fittingSuggestions } from './completion.ts'

describe('the possible completions at the cursor', () => {
  for (const [before, place] of [
    ['ra', { kind: 'name', from: 0, word: 'ra' }],
    ['sum(ra', { kind: 'name', from: 4, word: 'ra' }],
    ['up + external_googleapis_com:pro', { kind: 'name', from: 5, word: 'external_googleapis_com:pro' }],
    ['', undefined],
    ['sum(', undefined],
    ['up{', { kind: 'label', from: 3, word: '', metric: 'up' }],
    ['up{jo', { kind: 'label', from: 3, word: 'jo', metric: 'up' }],
    ['up{job="a", inst', { kind: 'label', from: 12, word: 'inst', metric: 'up' }],
    ['{jo', { kind: 'label', from: 1, word: 'jo' }],
    ['up{job', { kind: 'label', from: 3, word: 'job', metric: 'up' }],
    ['up{job=', undefined],
    ['up{job="', { kind: 'value', from: 8, word: '', label: 'job', metric: 'up' }],
    ['up{job=~"ap', { kind: 'value', from: 9, word: 'ap', label: 'job', metric: 'up' }],
    ['up{job!="a\\"b', { kind: 'value', from: 9, word: 'a\\"b', label: 'job', metric: 'up' }],
    ['up{job="api"', undefined],
    ['sum by (jo', { kind: 'label', from: 8, word: 'jo' }],
    ['sum without (a, b', { kind: 'label', from: 16, word: 'b' }],
    ['a / on(', { kind: 'label', from: 7, word: '' }],
    ['rate(up[5', undefined],
    ['rate(up[5m', undefined],
    ['up > 5', undefined],
    ['label_replace(up, "a', undefined],
    ['up # rat', undefined],
    ['up # sum\nra', { kind: 'name', from: 9, word: 'ra' }],
  ] as const) {
    it(`after ${JSON.stringify(before)}`, () =>
      assert.deepEqual(completionContext(`${before} rest`, before.length), place))
  }
})

it('suggests words that start with the typed word first, and not the word itself', () => {
  const all = ['irate', 'rate', 'x_rate', 'rates_total', 'sum'].map((text) => ({ text, note: '' }))
  const offered = (typed: string): string[] => fittingSuggestions(all, typed).map(({ text }) => text)
  assert.deepEqual(offered('rat'), ['rate', 'rates_total', 'irate', 'x_rate'])
  assert.deepEqual(offered('RATE'), ['rate', 'rates_total', 'irate', 'x_rate'])
  assert.deepEqual(offered('rate'), ['rates_total', 'irate', 'x_rate'])
  assert.equal(offered('').length, 5)
})
