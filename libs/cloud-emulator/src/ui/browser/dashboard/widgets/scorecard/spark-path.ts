export interface SparkPath {
  readonly line: string
  readonly area: string
}

const MARGIN = 3

function short(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/**
 * Draws points into a box; `x` is from 0 to 1, `y` in the metric's unit. The axis starts at 0 unless the values are far
 * from it, so that a steady value with a little noise looks steady.
 */
export function sparkPath(
  points: readonly { readonly x: number; readonly y: number }[],
  width: number,
  height: number,
  bars: boolean,
): SparkPath {
  if (points.length === 0) return { line: '', area: '' }
  const values = points.map((point) => point.y)
  const low = Math.min(0, ...values)
  const high = Math.max(...values)
  const span = high - low || 1
  const xOf = (x: number): number => Math.min(1, Math.max(0, x)) * width
  const yOf = (y: number): number => height - MARGIN - ((y - low) / span) * (height - 2 * MARGIN)
  const base = short(yOf(low))

  if (bars) {
    const step = Math.max(2, (width / Math.max(points.length, 12)) * 0.7)
    const area = points.map(({ x, y }) => `M${short(xOf(x) - step)} ${base}V${short(yOf(y))}H${short(xOf(x))}V${base}Z`)
    return { line: '', area: area.join('') }
  }
  const steps = points.map(({ x, y }) => `${short(xOf(x))} ${short(yOf(y))}`)
  const first = points[0]
  const last = points.at(-1)
  const line = points.length === 1 ? `M${steps[0]}h1` : `M${steps.join('L')}`
  if (!first || !last || points.length === 1) return { line, area: '' }
  return { line, area: `${line}L${short(xOf(last.x))} ${base}L${short(xOf(first.x))} ${base}Z` }
}
