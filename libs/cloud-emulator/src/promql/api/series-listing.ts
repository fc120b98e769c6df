import { type Labels, Matcher, METRIC_NAME, type VectorSelector } from '@node-to-cloud/promql'
import type { ProjectMetrics } from '../../monitoring/store/metric-store.ts'
import { mappedName } from '../metric-names.ts'
import { namedSeries } from '../select-stored.ts'
import { distributionSamples } from '../stored-samples.ts'

/** The window that series must have points in, in milliseconds. */
export interface ListingWindow {
  readonly startMs: number
  readonly endMs: number
}

/** The label sets of the series that any of the selectors matches; without selectors those of all series. */
export function listSeries(
  project: ProjectMetrics | undefined,
  selectors: readonly VectorSelector[],
  window: ListingWindow,
): Labels[] {
  const found = new Map<string, Labels>()
  const all = selectors.length > 0 ? selectors.map(({ matchers }) => matchers) : [[new Matcher(METRIC_NAME, '!=', '')]]
  for (const matchers of all) {
    const bounds = matchers.filter(({ name }) => name === 'le')
    for (const { series, name, labels } of namedSeries(project, matchers)) {
      if (series.points.countWithin(window.startMs * 1000 - 1, window.endMs * 1000 + 999) === 0) continue
      const list =
        name.part === 'bucket'
          ? distributionSamples(series, labels, 'bucket', window).map((samples) => samples.labels)
          : [labels]
      for (const one of list) if (bounds.every((matcher) => matcher.matches(one.get('le')))) found.set(one.key, one)
    }
  }
  return [...found.values()]
}

/** What is known of a metric, as Prometheus' API tells it. */
export interface MetricMetadata {
  readonly type: string
  readonly help: string
  readonly unit: string
}

/** The types, texts and units of a project's metrics by their names in PromQL. */
export function listMetadata(project: ProjectMetrics | undefined): Map<string, MetricMetadata[]> {
  const found = new Map<string, MetricMetadata[]>()
  for (const [metricType, descriptor] of project?.descriptors ?? []) {
    const name = mappedName(metricType)
    const isCounter = descriptor.metricKind !== 'GAUGE'
    const type = descriptor.valueType === 'DISTRIBUTION' ? 'histogram' : isCounter ? 'counter' : 'gauge'
    const metadata = { type, help: descriptor.description, unit: descriptor.unit }
    found.set(name, [...(found.get(name) ?? []), metadata])
  }
  return found
}
