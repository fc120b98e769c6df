import { type Labels, METRIC_NAME } from '../model/labels/labels.ts'

/** If there are more metrics, all series of the target are queried. */
const MAX_METRICS = 40
const SUFFIX = /_(?:total|count|sum|bucket)$/

/** Those labels of a series that identify its target. */
export function targetOf(labels: Labels): Labels {
  return new Map(
    ['job', 'instance'].flatMap((name) => {
      const value = labels.get(name)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}

/**
 * The metrics to query for the gaps of these series of a target, including those that report their start; undefined if
 * there are so many that all metrics of the target should be queried.
 */
export function metricsOf(target: Labels, series: readonly Labels[]): ReadonlySet<string> | undefined {
  const metrics = new Set<string>()
  for (const labels of series) {
    const name = labels.get(METRIC_NAME) ?? ''
    metrics.add(name)
    if (SUFFIX.test(name)) metrics.add(`${name.replace(SUFFIX, '')}_created`)
  }
  return metrics.size > MAX_METRICS && target.size > 0 ? undefined : metrics
}
