import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { labelTops } from './threshold-lines.ts'

describe('the labels of thresholds', () => {
  for (const [what, lines, tops] of [
    ['are above their lines', [200, 100], [181, 81]],
    ['are below a line at the top', [5], [9]],
    ['do not overlap, and the higher line has the higher label', [100, 98], [81, 66]],
    ['are below, if there is no room above the others', [30, 20], [11, 39]],
    ['are listed, if their lines are above the plot', [0, 0, 0], [4, 19, 34]],
  ] as const) {
    it(what, () => assert.deepEqual(labelTops(lines), tops))
  }

  for (const [what, covered, tops] of [
    ['stand below their line where they would cover data over it', [181], [204, 81]],
    ['stand over their line if they would cover data on both sides', [181, 204], [181, 81]],
  ] as const)
    it(what, () =>
      assert.deepEqual(
        labelTops([200, 100], (top) => covered.some((one) => one === top)),
        tops,
      ),
    )
})
