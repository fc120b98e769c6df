import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { differences, expectedPoints, GOLDEN_CASES, writtenPoints } from '../../../../test/testing/golden-gmp.ts'

describe('format gmp writes what Google’s exporter wrote, except for the listed differences', () => {
  const listed = differences()
  for (const name of GOLDEN_CASES) {
    it(name, async () => {
      const expected = expectedPoints(name)
      const written = await writtenPoints(name)
      const { theirs = [], ours = [] } = listed[name] ?? {}
      assert.deepEqual(
        expected.filter((point) => !written.includes(point)),
        theirs,
      )
      assert.deepEqual(
        written.filter((point) => !expected.includes(point)),
        ours,
      )
      assert.equal(new Set(written).size, written.length, 'no point twice')
    })
  }
})
