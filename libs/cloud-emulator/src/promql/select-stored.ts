import {
  type Labels,
  type Matcher,
  METRIC_NAME,
  matchesAll,
  type SeriesSamples,
  type TimeWindow,
} from '@node-to-cloud/promql'
import { isManaged } from '../monitoring/model/managed-metric.ts'
import type { MetricStore, ProjectMetrics } from '../monitoring/store/metric-store.ts'
import type { Series } from '../monitoring/store/series.ts'
import { type MetricName, metricNames, verbatimNames } from './metric-names.ts'
import { MONITORED_RESOURCE, promqlLabels } from './series-labels.ts'
import { bucketBounds, distributionSamples, numberSamples } from './stored-samples.ts'

/** A stored series under one of its PromQL names. */
export interface NamedSeries {
  readonly series: Series
  readonly name: MetricName
  /** Without `le`. */
  readonly labels: Labels
}

/** Yields series one by one, and undefined in between, where the reader may do other work first. */
export type Scan<T> = Generator<T | undefined>

/** Finds the series of a project, with their samples, by PromQL matchers. */
export function* selectStored(
  store: MetricStore,
  projectId: string,
  matchers: readonly Matcher[],
  window: TimeWindow,
): Scan<SeriesSamples> {
  const retained = { ...window, startMs: Math.max(window.startMs, Math.floor(store.retainedAfterMicros / 1000) + 1) }
  for (const named of namedSeries(store.projects.get(projectId), matchers)) {
    if (named === undefined) yield undefined
    else yield* samplesOf(named, matchers, retained)
  }
}

/** The label sets of the series that match the matchers and have points in the window. */
export function* listStored(
  project: ProjectMetrics | undefined,
  matchers: readonly Matcher[],
  window: TimeWindow,
): Scan<Labels> {
  const bounds = matchers.filter(({ name }) => name === 'le')
  for (const named of namedSeries(project, matchers)) {
    if (
      named === undefined ||
      named.series.points.countWithin(window.startMs * 1000 - 1, window.endMs * 1000 + 999) === 0
    ) {
      yield undefined
      continue
    }
    const { series, name, labels } = named
    const isBucket = name.part === 'bucket'
    const found = isBucket ? [...bucketBounds(series, window)].map((bound) => labels.with('le', bound)) : [labels]
    for (const one of found) yield matchesAll(bounds, one) ? one : undefined
  }
}

function samplesOf(named: NamedSeries, matchers: readonly Matcher[], window: TimeWindow): SeriesSamples[] {
  const { series, name, labels } = named
  if (name.part === undefined) return nonEmpty([numberSamples(series, labels, window)])
  const buckets = matchers.filter((matcher) => matcher.name === 'le')
  const found = distributionSamples(series, labels, name.part, window)
  return nonEmpty(found.filter((samples) => matchesAll(buckets, samples.labels)))
}

function nonEmpty(found: readonly SeriesSamples[]): SeriesSamples[] {
  return found.filter(({ timestamps }) => timestamps.length > 0)
}

/** The series that match all matchers except those of `le`. */
export function* namedSeries(project: ProjectMetrics | undefined, matchers: readonly Matcher[]): Scan<NamedSeries> {
  const names = matchers.filter(({ name }) => name === METRIC_NAME)
  const others = matchers.filter(({ name }) => name !== METRIC_NAME && name !== 'le')
  for (const [metricType, { series: byKey }] of project?.types ?? []) {
    yield undefined
    if (isUntypedDuplicate(metricType, project)) continue
    const matching = new Map<Series['valueType'], readonly MetricName[]>()
    for (const series of byKey.values()) {
      const known = matching.get(series.valueType) ?? matchingNames(metricType, series, names)
      matching.set(series.valueType, known)
      for (const name of known) {
        const labels = promqlLabels(series, name.name, project?.projectId ?? '')
        yield matchesLabels(series, labels, others) ? { series, name, labels } : undefined
      }
    }
  }
}

/** Managed Service for Prometheus stores an untyped metric twice, with the same values: as a gauge and as a counter. */
function isUntypedDuplicate(metricType: string, project: ProjectMetrics | undefined): boolean {
  const suffix = '/unknown:counter'
  const isSecond = isManaged(metricType) && metricType.endsWith(suffix)
  return isSecond && project?.types.has(`${metricType.slice(0, -suffix.length)}/unknown`) === true
}

/** The unmapped name of a metric type needs an exact matcher; its mapped name can be found by any matcher. */
function matchingNames(metricType: string, { valueType }: Series, matchers: readonly Matcher[]): MetricName[] {
  const matches = ({ name }: MetricName) => matchers.every((matcher) => matcher.matches(name))
  const mapped = metricNames(metricType, valueType).filter(matches)
  if (mapped.length > 0 || !matchers.some(({ operator }) => operator === '=')) return mapped
  return verbatimNames(metricType, valueType).filter(matches)
}

/** Series of Managed Service for Prometheus do not show their resource type, but can be selected by it. */
function matchesLabels(series: Series, labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => {
    const isHidden = matcher.name === MONITORED_RESOURCE && isManaged(series.metricType)
    return matcher.matches(isHidden ? series.resourceType : labels.get(matcher.name))
  })
}
