import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mosaicProblems } from './mosaic.ts'

const tile = (title: string, xPos: number, yPos: number, width: number, height: number, content: object = {}) => ({
  xPos,
  yPos,
  width,
  height,
  widget: { title, ...content },
})

describe('a mosaic', () => {
  it('of tiles side by side is fine', () => {
    assert.deepEqual(mosaicProblems({ columns: 12, tiles: [tile('a', 0, 0, 6, 2), tile('b', 6, 0, 6, 2)] }), [])
  })
  it('names two tiles that overlap', () => {
    const layout = { columns: 12, tiles: [tile('a', 0, 0, 6, 2), tile('b', 5, 1, 6, 2)] }
    assert.deepEqual(mosaicProblems(layout), ['"a" and "b" overlap'])
  })
  it('names a tile outside of the columns', () => {
    assert.deepEqual(mosaicProblems({ columns: 4, tiles: [tile('a', 2, 0, 3, 1)] }), ['"a" is outside of 4 columns'])
  })
  it('lets a collapsible group hold the tiles in its area, and no others', () => {
    const group = tile('g', 0, 0, 12, 4, { collapsibleGroup: {} })
    assert.deepEqual(mosaicProblems({ columns: 12, tiles: [group, tile('a', 0, 0, 6, 4)] }), [])
    assert.deepEqual(mosaicProblems({ columns: 12, tiles: [group, tile('a', 0, 3, 6, 4)] }), ['"g" and "a" overlap'])
  })
  it('names a row with nothing in it', () => {
    assert.deepEqual(mosaicProblems({ columns: 12, tiles: [tile('a', 0, 1, 6, 1)] }), ['row 0 is empty'])
  })
})
