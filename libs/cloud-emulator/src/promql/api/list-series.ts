import { type Labels, Matcher, METRIC_NAME, QueryError, type VectorSelector } from '@node-to-cloud/promql'
import type { ApiRequest } from './api-request.ts'

const EVERY_SERIES = [new Matcher(METRIC_NAME, '!=', '')]

/**
 * The label sets of the series that match any of the selectors; without selectors those of all series. Each label
 * counts as a sample in memory.
 */
export function listSeries(
  { source, limits }: ApiRequest,
  selectors: readonly VectorSelector[],
  window: { readonly startMs: number; readonly endMs: number },
): Labels[] {
  const found = new Map<string, Labels>()
  const all = selectors.length > 0 ? selectors.map(({ matchers }) => matchers) : [EVERY_SERIES]
  let held = 0
  for (const matchers of all) {
    for (const labels of source.list(matchers, window)) {
      if (found.has(labels.key)) continue
      found.set(labels.key, labels)
      held += labels.size
      if (held > limits.maxSamples) {
        throw new QueryError('the listing would load too many labels into memory; try with a match[]', 'tooManySamples')
      }
    }
  }
  return [...found.values()]
}
