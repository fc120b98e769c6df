import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sparkPath } from './spark-path.ts'

describe('a spark line', () => {
  it('starts at zero', () => {
    const points = [
      { x: 0, y: 5 },
      { x: 1, y: 10 },
    ]
    const { line, area } = sparkPath(points, 100, 46, false)
    assert.equal(line, 'M0 23L100 3')
    assert.equal(area, 'M0 23L100 3L100 43L0 43Z')
  })
  it('of a steady zero is at the bottom', () => {
    const points = [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
    ]
    assert.equal(sparkPath(points, 100, 46, false).line, 'M0 43L100 43')
  })
  it('of one point is a dash, of none is empty', () => {
    assert.equal(sparkPath([{ x: 0.5, y: 1 }], 100, 46, false).line, 'M50 3h1')
    assert.deepEqual(sparkPath([], 100, 46, false), { line: '', area: '' })
  })
  it('as bars has one for each point, each ending at its time', () => {
    const { line, area } = sparkPath([{ x: 0.5, y: 1 }], 120, 46, true)
    assert.equal(line, '')
    assert.equal(area, 'M53 43V3H60V43Z')
  })
})
