import type { Dashboard, Tile } from './documents.ts'

const mostColumns = 12

interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

function boxOf(tile: Tile): Box {
  const left = tile.xPos ?? 0
  const top = tile.yPos ?? 0
  return { left, top, right: left + tile.width, bottom: top + tile.height }
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

function contains(outer: Box, inner: Box): boolean {
  return (
    outer.left <= inner.left && outer.right >= inner.right && outer.top <= inner.top && outer.bottom >= inner.bottom
  )
}

function nameOf(tile: Tile): string {
  return `"${tile.widget.title ?? Object.keys(tile.widget).join()}"`
}

/**
 * Finds what is wrong with a mosaic: tiles outside of its columns, tiles that overlap (a collapsible group holds those in its
 * area), gaps across a whole row.
 *
 * @returns one sentence each; empty when all is well
 */
export function mosaicProblems(layout: Dashboard['mosaicLayout']): string[] {
  const problems: string[] = []
  const { columns, tiles } = layout
  if (columns < 1 || columns > mostColumns) problems.push(`columns is ${columns}: 1 to ${mostColumns} are allowed`)
  const boxes = tiles.map((tile) => ({ tile, box: boxOf(tile) }))
  for (const { tile, box } of boxes) {
    if (tile.width < 1 || tile.height < 1) problems.push(`${nameOf(tile)} has no size`)
    if (box.left < 0 || box.top < 0 || box.right > columns)
      problems.push(`${nameOf(tile)} is outside of ${columns} columns`)
  }
  boxes.forEach(({ tile, box }, index) => {
    for (const other of boxes.slice(index + 1)) {
      if (!overlap(box, other.box)) continue
      const held =
        (tile.widget.collapsibleGroup && contains(box, other.box)) ||
        (other.tile.widget.collapsibleGroup && contains(other.box, box))
      if (!held) problems.push(`${nameOf(tile)} and ${nameOf(other.tile)} overlap`)
    }
  })
  const bottom = Math.max(0, ...boxes.map(({ box }) => box.bottom))
  for (let row = 0; row < bottom; row++) {
    if (!boxes.some(({ box }) => box.top <= row && row < box.bottom)) problems.push(`row ${row} is empty`)
  }
  return problems
}
