import type { Labels, LabelValues, MetricSummary, ValuesByLabel } from '../../contract/metrics.ts'
import type { MetricDescriptor } from '../model/metric-descriptor.ts'
import { isDistribution, type PointValue } from '../model/point-value.ts'
import { shownUnit } from '../model/shown-unit.ts'
import type { MetricTypeEntry, ProjectMetrics } from '../store/metric-store.ts'
import type { Series } from '../store/series.ts'

/** Summaries of a project's metric types, by type. */
export function metricSummaries(project: ProjectMetrics | undefined, nowMicros: number): MetricSummary[] {
  return [...(project?.descriptors.values() ?? [])]
    .sort((a, b) => (a.type < b.type ? -1 : 1))
    .map((descriptor) => summaryOf(descriptor, project?.types.get(descriptor.type), nowMicros))
}

/** The label values of one metric type's series, or of all series. */
export function labelValuesOf(project: ProjectMetrics | undefined, metricType?: string): LabelValues {
  const series = [...((metricType === undefined ? project?.seriesByKey.values() : project?.seriesOf(metricType)) ?? [])]
  return {
    metricLabels: valuesByLabel(series.map((one) => one.metricLabels)),
    resourceTypes: [...new Set(series.map((one) => one.resourceType))].sort(),
    resourceLabels: valuesByLabel(series.map((one) => one.resourceLabels)),
  }
}

function summaryOf(descriptor: MetricDescriptor, entry: MetricTypeEntry | undefined, nowMicros: number): MetricSummary {
  let points = 0
  let newest: Series | undefined
  const resourceTypes = new Set<string>()
  for (const series of entry?.series.values() ?? []) {
    points += series.points.length
    resourceTypes.add(series.resourceType)
    if ((series.points.lastEndMicros ?? 0) >= (newest?.points.lastEndMicros ?? 0)) newest = series
  }
  const { type, metricKind, valueType, displayName, description } = descriptor
  const { lastEndMicros, lastValue } = newest?.points ?? {}
  return {
    type,
    metricKind,
    valueType,
    unit: shownUnit(descriptor),
    displayName,
    description,
    labelKeys: descriptor.labels.map((label) => label.key),
    resourceTypes: [...resourceTypes].sort(),
    series: entry?.series.size ?? 0,
    points,
    pointsPerSecond: entry?.rate.perSecond(nowMicros) ?? 0,
    lastPointMs: lastEndMicros === undefined ? null : lastEndMicros / 1000,
    lastValue: lastValue === undefined ? null : jsonValue(lastValue),
  }
}

function jsonValue(value: PointValue): MetricSummary['lastValue'] {
  if (isDistribution(value)) return { count: value.count, mean: value.mean }
  if (typeof value === 'boolean') return value
  const number = Number(value)
  return Number.isFinite(number) ? number : String(number)
}

function valuesByLabel(all: readonly Labels[]): ValuesByLabel {
  const values = new Map<string, Set<string>>()
  for (const labels of all) {
    for (const [key, value] of Object.entries(labels)) {
      const known = values.get(key)
      if (known) known.add(value)
      else values.set(key, new Set([value]))
    }
  }
  return Object.fromEntries(
    [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, set]) => [key, [...set].sort()]),
  )
}
