import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sumOfSamples } from './stored.ts'

test('sums the samples of one metric, by labels', () => {
  const exposition = '# TYPE a counter\na_total{x="1",y="2"} 3\na_total{x="2"} 4\na_total_more 9\na 7\n'
  assert.equal(sumOfSamples(exposition, 'a_total'), 7)
  assert.equal(sumOfSamples(exposition, 'a_total', 'x="2"'), 4)
  assert.equal(sumOfSamples(exposition, 'a'), 7)
  assert.equal(sumOfSamples(exposition, 'b'), 0)
})
