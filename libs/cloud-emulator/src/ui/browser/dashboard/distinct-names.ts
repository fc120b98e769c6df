import type { QuerySeries } from '../../../contract/charts.ts'
import { shortMetricName } from './legend.ts'

/** A series with its name from the data set. */
export interface NamedSeries {
  readonly name: string
  readonly data: QuerySeries
}

/** Unique names: equal ones get the labels in which the series differ, or their metric. */
export function distinctNames(series: readonly NamedSeries[]): readonly string[] {
  const alike = Map.groupBy(series, ({ name }) => name)
  const names = series.map((one) => {
    const others = alike.get(one.name) ?? []
    if (others.length === 1) return one.name
    const parts = distinguishingParts(one, others)
    return parts === '' ? one.name : `${one.name} · ${parts}`
  })
  return numbered(names)
}

function distinguishingParts({ data }: NamedSeries, others: readonly NamedSeries[]): string {
  const labels = (one: QuerySeries): Readonly<Record<string, string>> => ({
    ...one.resourceLabels,
    ...one.metricLabels,
  })
  const own = labels(data)
  const differs = (key: string): boolean => new Set(others.map((other) => labels(other.data)[key])).size > 1
  const parts = Object.keys(own)
    .filter(differs)
    .map((key) => own[key] ?? '')
  if (parts.length > 0) return parts.join(' · ')
  const metrics = new Set(others.map((other) => other.data.metricType))
  return metrics.size > 1 ? shortMetricName(data.metricType) : ''
}

/** Adds a number to names that are still equal. */
function numbered(names: readonly string[]): readonly string[] {
  const seen = new Map<string, number>()
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name} (${count})`
  })
}
