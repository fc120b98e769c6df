import type { MetricKind } from '../contract/metrics.ts'
import type { Comparison, Filter } from '../monitoring/filter/filter.ts'
import { parseFilter } from '../monitoring/filter/parse-filter.ts'
import { bucketLayout } from '../monitoring/model/bucket-layout.ts'
import { autoCreatedDescriptor } from '../monitoring/model/metric-descriptor.ts'
import type { PointValue } from '../monitoring/model/point-value.ts'
import { MetricStore } from '../monitoring/store/metric-store.ts'
import { Series, type StoredValueType, seriesKey } from '../monitoring/store/series.ts'

/** A kind and value type that a metric may have. */
export interface GeneratedKind {
  readonly metricKind: MetricKind
  readonly valueType: StoredValueType
}

export const GENERATED_KINDS: readonly GeneratedKind[] = [
  { metricKind: 'GAUGE', valueType: 'DOUBLE' },
  { metricKind: 'CUMULATIVE', valueType: 'DOUBLE' },
  { metricKind: 'CUMULATIVE', valueType: 'DISTRIBUTION' },
  { metricKind: 'GAUGE', valueType: 'DISTRIBUTION' },
  { metricKind: 'GAUGE', valueType: 'BOOL' },
]
export const GENERATED_PROJECT = 'generated'

const MINUTE_MICROS = 60e6
const LAYOUT = bucketLayout({ explicitBuckets: { bounds: [1, 2, 4] } })

/**
 * Adds an hour of points, one per minute, of a series that matches the filter, unless the filter uses `!=`, NOT or
 * complex patterns.
 */
export function addGeneratedSeries(store: MetricStore, filter: string, kind: GeneratedKind, endMicros: number): void {
  const identity = identityFor(parseFilter(filter))
  const project = store.project(GENERATED_PROJECT)
  const { metricType, metricLabels } = identity
  if (!project.descriptors.has(metricType))
    project.descriptors.set(
      metricType,
      autoCreatedDescriptor({ type: metricType, labels: metricLabels, ...kind, unit: '1' }),
    )
  const key = seriesKey(identity)
  if (project.seriesByKey.has(key)) return
  const series = new Series(identity, { key, ...kind, pages: store.pages })
  store.addSeries(project, series)
  const startMicros = endMicros - 60 * MINUTE_MICROS
  for (let minute = 1; minute <= 60; minute++) {
    const pointMicros = startMicros + minute * MINUTE_MICROS
    store.append(
      project,
      series,
      {
        startMicros: kind.metricKind === 'GAUGE' ? pointMicros : startMicros,
        endMicros: pointMicros,
        value: valueAt(minute, kind.valueType),
        exemplars: [],
      },
      pointMicros,
    )
  }
}

/** A store for the generated series of one query. */
export function generatedStore(): MetricStore {
  return new MetricStore({
    maxSeries: 1000,
    maxPointBytes: 1e8,
    retentionMicros: 6 * 60 * MINUTE_MICROS,
    maxQuerySamples: 1e6,
  })
}

function valueAt(minute: number, type: StoredValueType): PointValue {
  if (type === 'BOOL') return minute % 2 === 0
  if (type !== 'DISTRIBUTION') return minute
  return {
    layout: LAYOUT,
    count: 4 * minute,
    mean: 2,
    sumOfSquaredDeviation: minute,
    counts: [minute, minute, minute, minute],
  }
}

function identityFor(filter: Filter | undefined): {
  metricType: string
  resourceType: string
  metricLabels: Record<string, string>
  resourceLabels: Record<string, string>
} {
  const identity = { metricType: '', resourceType: 'global', metricLabels: {}, resourceLabels: {} }
  for (const { selector, operand } of comparisonsIn(filter)) {
    const value = operand.kind === 'value' ? operand.value : plainText(operand.arguments[0] ?? '')
    if (selector.kind === 'metric.type') identity.metricType ||= value
    if (selector.kind === 'resource.type') identity.resourceType = value
    if (selector.kind === 'metric.labels') identity.metricLabels = { [selector.key]: value, ...identity.metricLabels }
    if (selector.kind === 'resource.labels')
      identity.resourceLabels = { [selector.key]: value, ...identity.resourceLabels }
  }
  return identity
}

/** The comparisons that must be true: all of AND, the first one of OR. */
function comparisonsIn(filter: Filter | undefined): Comparison[] {
  if (!filter || filter.kind === 'not') return []
  if (filter.kind === 'comparison') return filter.operator === '!=' || isWildcard(filter) ? [] : [filter]
  return filter.kind === 'and' ? filter.operands.flatMap(comparisonsIn) : comparisonsIn(filter.operands[0])
}

function isWildcard({ operand }: Comparison): boolean {
  return operand.kind === 'value' && operand.value === '*'
}

/** A string that matches a simple pattern: its first alternative without repetitions. */
function plainText(pattern: string): string {
  return pattern
    .replace(/^\^|\$$/g, '')
    .replace(/\(\?:?|[()]/g, '')
    .split('|', 1)
    .join('')
    .replace(/\\(.)/g, '$1')
    .replace(/\[(.)[^\]]*\]/g, '$1')
    .replace(/\.[*+]/g, 'x')
    .replace(/\.(?=[.\s]|$)/g, '5')
}
