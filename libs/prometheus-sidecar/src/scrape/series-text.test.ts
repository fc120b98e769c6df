import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseSeries } from './series-text.ts'

describe('parseSeries', () => {
  const cases: readonly [series: string, name: string, labels: Record<string, string>][] = [
    ['up', 'up', {}],
    ['job:up:sum{}', 'job:up:sum', {}],
    ['a{b="c"}', 'a', { b: 'c' }],
    ['a { b = "c" , d="" , }', 'a', { b: 'c', d: '' }],
    ['a{b="q\\"n\\nb\\\\x\\y"}', 'a', { b: 'q"n\nb\\x\\y' }],
    ['a{b="é✓"}', 'a', { b: 'é✓' }],
    ['a{b="c" d="e"}', 'a', { b: 'c', d: 'e' }],
    ['{"http.requests","http.method"="GET"}', 'http.requests', { 'http.method': 'GET' }],
    ['{le="1", "温度"}', '温度', { le: '1' }],
    [`a{b="${'x'.repeat(20_000)}"}`, 'a', { b: 'x'.repeat(20_000) }],
    [
      `a{${Array.from({ length: 100 }, (_, index) => `l${index}="1"`).join()}}`,
      'a',
      Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`l${index}`, '1'])),
    ],
  ]
  for (const [series, name, labels] of cases) {
    it(`reads ${series.slice(0, 60)}`, () =>
      assert.deepEqual(parseSeries(series), { name, labels: new Map(Object.entries(labels)) }))
  }

  for (const series of ['1a', 'a-b', '{a="b"}', 'a{b}', 'a{"b"}', '{"a","b"}', 'a{1="b"}', 'a{,}', "a{b='c'}", '{}']) {
    it(`refuses ${series}`, () => assert.throws(() => parseSeries(series), { code: 'ERR_EXPOSITION' }))
  }

  const unusable: readonly [title: string, series: string, detail: string][] = [
    ['a label that appears twice', 'a{b="c",b="d"}', 'the label b appears twice'],
    ['bytes that are not UTF-8', 'a{b="\ud800"}', 'the series contains bytes that are not UTF-8'],
    ['an empty name', '{"",a="b"}', 'the name of the metric is empty'],
  ]
  for (const [title, series, detail] of unusable) {
    it(`drops a series with ${title}`, () => assert.deepEqual(parseSeries(series), { drop: 'labels_invalid', detail }))
  }
})
