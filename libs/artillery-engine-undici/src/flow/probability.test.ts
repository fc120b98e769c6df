import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDrawn } from './probability.ts'

const DRAWS: readonly (readonly [probability: unknown, random: number, drawn: boolean])[] = [
  [0, 0, false],
  ['0', 0, false],
  [-5, 0, false],
  ['often', 0, false],
  [null, 0, false],
  [0.5, 0, true],
  [0.5, 0.006, false],
  [50, 0.499, true],
  ['50', 0.5, false],
  [100, 0.999_999_999, true],
  ['100', 0.999_999_999, true],
  [1000, 0.999_999_999, true],
]

for (const [probability, random, drawn] of DRAWS) {
  test(`a step of probability ${JSON.stringify(probability)} ${drawn ? 'runs' : 'is left out'} at ${random}`, (t) => {
    t.mock.method(Math, 'random', () => random)
    assert.equal(isDrawn(probability), drawn)
  })
}
