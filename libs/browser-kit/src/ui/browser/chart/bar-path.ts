import type uPlot from 'uplot'

/** The share of a period's width that its bar fills. */
const FILLED_SHARE = 0.84

/** Where a bar is drawn, in pixels. */
export interface BarExtent {
  readonly left: number
  readonly width: number
}

/**
 * A bar covers the period that ends at its point, but never extends beyond the previous point, so that the bar of the
 * unfinished period stays beside that of the last complete one.
 *
 * @param position the pixel of a time in seconds
 */
export function barExtent(
  time: number,
  previous: number | undefined,
  periodSeconds: number,
  position: (time: number) => number,
): BarExtent {
  const begin = Math.max(time - periodSeconds, previous ?? Number.NEGATIVE_INFINITY)
  const right = position(time)
  const full = right - position(begin)
  const width = Math.max(1, full * FILLED_SHARE)
  return { left: right - full / 2 - width / 2, width }
}

/** Bars as wide as their periods; uPlot's own bars are as narrow as the shortest distance between two points. */
export function barPaths(periodSeconds: () => number): uPlot.Series.PathBuilder {
  return (plot, seriesIndex, first, last) => {
    const fill = new Path2D()
    const times = plot.data[0]
    const values = plot.data[seriesIndex] ?? []
    const scale = plot.series[seriesIndex]?.scale ?? 'y'
    const zero = plot.valToPos(0, scale, true)
    for (let index = first; index <= last; index++) {
      const value = values[index]
      const time = times[index]
      if (value === null || value === undefined || time === undefined) continue
      const { left, width } = barExtent(time, times[index - 1], periodSeconds(), (at) => plot.valToPos(at, 'x', true))
      const top = plot.valToPos(value, scale, true)
      fill.rect(left, Math.min(top, zero), width, Math.abs(zero - top))
    }
    return { stroke: null, fill, clip: null, band: null, gaps: [], flags: 0 }
  }
}
