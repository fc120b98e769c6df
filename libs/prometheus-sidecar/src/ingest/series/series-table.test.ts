import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../test/testing/seeded-random.ts'
import { SeriesTable } from './series-table.ts'

test('adds, replaces and removes entries like a Map of strings', () => {
  const random = seededRandom(7)
  const table = new SeriesTable<{ key: Buffer; step: number }>(({ key }) => key)
  const model = new Map<string, number>()
  for (let step = 0; step < 60_000; step++) {
    const key = `series ${random.below(8_000)} ${'x'.repeat(random.below(9))}`
    const bytes = Buffer.from(`..${key}...`)
    const [start, end] = [2, bytes.length - 3]
    const action = random.below(10)
    if (action < 5) {
      table.add({ key: Buffer.from(key), step })
      model.set(key, step)
    } else if (action < 8) {
      assert.equal(table.delete(bytes, start, end), model.delete(key))
    }
    assert.equal(table.get(bytes, start, end)?.step, model.get(key))
    assert.equal(table.size, model.size)
  }
  const steps = [...table.values()].map(({ step }) => step)
  assert.deepEqual(steps.sort(), [...model.values()].sort())
})

test('distinguishes keys that differ in one byte or in length', () => {
  const table = new SeriesTable<Buffer>((key) => key)
  const keys = ['', 'a', 'b', 'aa', 'ab', 'abcd', 'abce', 'abcde', '\0', '\0\0']
  for (const key of keys) table.add(Buffer.from(key))
  for (const key of keys) assert.equal(table.get(Buffer.from(key))?.toString(), key)
})
