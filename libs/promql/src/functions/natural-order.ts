import { compareText } from '../labels/labels.ts'

/** Compares strings in natural order: runs of digits as numbers, everything else as characters. */
export function compareNatural(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? []
  const right = b.match(/\d+|\D+/g) ?? []
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const x = left[i] ?? ''
    const y = right[i] ?? ''
    const order = isNumber(x) && isNumber(y) ? Number(x) - Number(y) : compareText(x, y)
    if (order !== 0) return order
  }
  return left.length - right.length
}

function isNumber(chunk: string): boolean {
  return /^\d+$/.test(chunk)
}
