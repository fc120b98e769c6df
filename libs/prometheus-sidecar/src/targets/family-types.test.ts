import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FamilyTypes } from './family-types.ts'

test('reports new types', () => {
  const types = new FamilyTypes()
  const said = [types.learn('a', 'gauge'), types.learn('a', 'gauge'), types.learn('a', 'counter')]
  assert.deepEqual([said, types.get('a')], [[true, false, true], 'counter'])
})

test('keeps a limited number of families, the newest', () => {
  const types = new FamilyTypes()
  for (let family = 0; family < 30_000; family++) types.learn(`f${family}`, 'gauge')
  types.learn('f29999', 'counter')
  assert.equal([...types.entries()].length, 20_000)
  assert.deepEqual([types.get('f9999'), types.get('f10000'), types.get('f29999')], [undefined, 'gauge', 'counter'])
})
