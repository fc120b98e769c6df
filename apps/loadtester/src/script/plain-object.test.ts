import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { mergeAsArtillery } from './plain-object.ts'

const lodash = createRequire(createRequire(import.meta.url).resolve('artillery/package.json'))('lodash') as {
  merge(base: unknown, overlay: unknown): unknown
}

describe('mergeAsArtillery', () => {
  for (const [base, overlay] of [
    [{ a: 1, b: { c: 2 } }, { b: { d: 3 } }],
    [{ a: [1, 2, 3] }, { a: [9] }],
    [{ a: [{ x: 1, y: 2 }, { z: 3 }] }, { a: [{ x: 7 }] }],
    [{ a: [1] }, { a: [4, 5, 6] }],
    [{ a: 1 }, { a: undefined }],
    [{ a: 1 }, { a: null }],
    [{ a: { b: 1 } }, { a: 'text' }],
    [{ a: 'text' }, { a: { b: 1 } }],
    [{ a: 'text' }, { a: [1] }],
    [{ a: { b: 1 } }, { a: [1] }],
    [{}, { a: { b: [{ c: 1 }] } }],
    [{ a: [[1, 2], [3]] }, { a: [[undefined, 5]] }],
  ] as const) {
    it(`lays ${JSON.stringify(overlay)} over ${JSON.stringify(base)} as lodash does`, () => {
      assert.deepEqual(mergeAsArtillery(base, overlay), lodash.merge(structuredClone(base), structuredClone(overlay)))
    })
  }

  it('changes neither', () => {
    const base = { a: [{ b: 1 }] }
    const overlay = { a: [{ c: 2 }] }
    mergeAsArtillery(base, overlay)
    assert.deepEqual([base, overlay], [{ a: [{ b: 1 }] }, { a: [{ c: 2 }] }])
  })
})
