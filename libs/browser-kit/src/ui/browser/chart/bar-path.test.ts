import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { barExtent } from './bar-path.ts'

describe('a bar', () => {
  const position = (time: number): number => time * 10

  it('covers most of its period, centred', () => {
    const { left, width } = barExtent(120, 60, 60, position)
    assert.ok(Math.abs(width - 504) < 1e-9)
    assert.ok(Math.abs(left + width / 2 - 900) < 1e-9)
  })

  it('for an unfinished period is as wide as the time since the last point', () => {
    const { left, width } = barExtent(130, 120, 60, position)
    assert.ok(Math.abs(width - 84) < 1e-9)
    assert.ok(left >= 1200)
  })

  it('after a gap is no wider than its period', () => {
    assert.ok(Math.abs(barExtent(600, 60, 60, position).width - 504) < 1e-9)
    assert.ok(Math.abs(barExtent(600, undefined, 60, position).width - 504) < 1e-9)
  })

  it('never vanishes', () => assert.equal(barExtent(60, 59.99, 60, position).width, 1))
})
