import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { layOut, type PlacedWidget } from './layout.ts'

const widget = (title: string) => ({ title, blank: {} })
const places = (tiles: readonly PlacedWidget[] = []): string[] =>
  tiles.map((tile) => `${tile.widget.title} ${tile.x},${tile.y} ${tile.width}x${tile.height}`)

describe('a mosaic layout', () => {
  it('keeps positions, 0 if JSON omits them, in reading order', () => {
    const [section] = layOut({
      mosaicLayout: {
        columns: 12,
        tiles: [
          { xPos: 6, width: 6, height: 4, widget: widget('b') },
          { yPos: 4, width: 12, height: 2, widget: widget('c') },
          { width: 6, height: 4, widget: widget('a') },
        ],
      },
    })
    assert.equal(section?.columns, 12)
    assert.deepEqual(places(section?.tiles), ['a 0,0 6x4', 'b 6,0 6x4', 'c 0,4 12x2'])
  })

  it('makes the tiles of a single view group one tile with several views', () => {
    const [section] = layOut({
      mosaicLayout: {
        columns: 12,
        tiles: [
          { width: 6, height: 4, widget: widget('a') },
          { width: 6, height: 4, widget: { title: 'g', singleViewGroup: {} } },
          { width: 6, height: 4, widget: widget('b') },
          { xPos: 6, width: 6, height: 4, widget: { title: 'alone', singleViewGroup: {} } },
        ],
      },
    })
    assert.deepEqual(places(section?.tiles), ['g: a 0,0 6x4', 'alone 6,0 6x4'])
    assert.deepEqual(
      section?.tiles.map(({ views = [] }) => views.map(({ title }) => title)),
      [['g: a', 'g: b'], []],
    )
  })

  it('has lower rows with more columns, as in the console', () => {
    const [section] = layOut({ mosaicLayout: { columns: 48, tiles: [{ width: 24, height: 16, widget: widget('a') }] } })
    assert.equal(section?.rowColumns, 48)
  })

  it('keeps a tile within the columns', () => {
    const [section] = layOut({
      mosaicLayout: { columns: 4, tiles: [{ xPos: 3, width: 9, height: 1, widget: widget('a') }] },
    })
    assert.deepEqual(places(section?.tiles), ['a 3,0 1x1'])
  })

  it("makes the tiles in a group's area its members, and splits the others around it", () => {
    const sections = layOut({
      mosaicLayout: {
        columns: 12,
        tiles: [
          { width: 12, height: 2, widget: widget('above') },
          { yPos: 2, width: 12, height: 4, widget: { title: 'G', collapsibleGroup: { collapsed: true } } },
          { yPos: 2, width: 6, height: 4, widget: widget('in 1') },
          { xPos: 6, yPos: 2, width: 6, height: 4, widget: widget('in 2') },
          { yPos: 6, width: 12, height: 1, widget: widget('below') },
        ],
      },
    })
    assert.deepEqual(
      sections.map((section) => [section.title, section.collapsed, places(section.tiles)]),
      [
        [undefined, false, ['above 0,0 12x2']],
        ['G', true, ['in 1 0,0 6x4', 'in 2 6,0 6x4']],
        [undefined, false, ['below 0,0 12x1']],
      ],
    )
  })
})

describe('the other layouts', () => {
  it('a grid flows row by row; columns is an int64, in JSON a string', () => {
    const [section] = layOut({ gridLayout: { columns: '2', widgets: [widget('a'), widget('b'), widget('c')] } })
    assert.deepEqual([section?.columns, section?.rowColumns], [2, 12])
    assert.deepEqual(places(section?.tiles), ['a 0,0 1x4', 'b 1,0 1x4', 'c 0,4 1x4'])
  })

  it('a row divides its width among its widgets', () => {
    const [section] = layOut({
      rowLayout: {
        rows: [{ widgets: [widget('a'), widget('b'), widget('c')] }, { weight: '2', widgets: [widget('d')] }],
      },
    })
    assert.deepEqual(places(section?.tiles), ['a 0,0 4x4', 'b 4,0 4x4', 'c 8,0 4x4', 'd 0,4 12x8'])
  })

  it('columns are side by side, with widths by weight', () => {
    const [section] = layOut({
      columnLayout: { columns: [{ weight: '2', widgets: [widget('a')] }, { widgets: [widget('b'), widget('c')] }] },
    })
    assert.deepEqual([section?.columns, section?.rowColumns], [3, 12])
    assert.deepEqual(places(section?.tiles), ['a 0,0 2x4', 'b 2,0 1x4', 'c 2,4 1x4'])
  })

  it('an empty dashboard has no sections', () => {
    assert.deepEqual(layOut({}), [])
    assert.deepEqual(layOut({ mosaicLayout: {} }), [])
  })
})
