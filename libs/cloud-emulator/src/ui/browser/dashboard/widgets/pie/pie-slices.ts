import type { QueryResult } from '../../../../../contract/charts.ts'
import type { PieChart } from '../../../../../contract/dashboard.ts'
import { latestValue } from '../../../chart/chart-data.ts'
import { distinctNames } from '../../distinct-names.ts'
import { nameSeries } from '../../legend.ts'

/** A slice of a pie: a series' newest value. */
export interface Slice {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** Its fraction of the total, from 0 to 1. */
  readonly share: number
}

/** More slices than this can't be distinguished; the smallest ones are combined. */
const MAX_SLICES = 12
const OTHERS = 'others'

/** The slices of a pie, largest first. Values of 0 and below have no slice. */
export function slicesOf({ dataSets = [] }: PieChart, results: readonly QueryResult[]): readonly Slice[] {
  const named = dataSets.flatMap(({ sliceNameTemplate }, index) => {
    const series = results[index]?.series ?? []
    const names = nameSeries(series, sliceNameTemplate)
    return series.map((data, at) => ({ name: names[at] ?? '', data, value: latestValue(data)?.value ?? 0 }))
  })
  const positive = named.filter(({ value }) => value > 0)
  const names = distinctNames(positive)
  const total = positive.reduce((sum, { value }) => sum + value, 0)
  const slices = positive
    .map(({ data, value }, index) => ({
      name: names[index] ?? '',
      labels: { ...data.resourceLabels, ...data.metricLabels },
      value,
      share: value / total,
    }))
    .sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1))
  if (slices.length <= MAX_SLICES) return slices
  const kept = slices.slice(0, MAX_SLICES - 1)
  const rest = slices.slice(MAX_SLICES - 1)
  const value = rest.reduce((sum, one) => sum + one.value, 0)
  return [...kept, { name: `${rest.length} ${OTHERS}`, labels: {}, value, share: value / total }]
}

const CENTER = 50
const RADIUS = 48
/** The hole of a donut. */
const HOLE = 28

function point(share: number, radius: number): string {
  const angle = 2 * Math.PI * share - Math.PI / 2
  const at = (value: number): string => (CENTER + radius * value).toFixed(3)
  return `${at(Math.cos(angle))} ${at(Math.sin(angle))}`
}

/** The path of a slice between two fractions of the circle, in a square of size 100. */
export function slicePath(from: number, to: number, isDonut: boolean): string {
  // An arc with equal ends would be empty.
  const end = Math.min(to, from + 0.9999)
  const large = end - from > 0.5 ? 1 : 0
  const outer = `M ${point(from, RADIUS)} A ${RADIUS} ${RADIUS} 0 ${large} 1 ${point(end, RADIUS)}`
  return isDonut
    ? `${outer} L ${point(end, HOLE)} A ${HOLE} ${HOLE} 0 ${large} 0 ${point(from, HOLE)} Z`
    : `${outer} L ${CENTER} ${CENTER} Z`
}
