import type { SeriesSamples } from '../evaluation/series-source.ts'
import { detectReset } from '../histogram/detect-reset.ts'
import { type FloatHistogram, floatHistogram } from '../histogram/float-histogram.ts'
import type { Expression, VectorSelector } from '../parse/ast.ts'
import { childrenOf } from '../parse/ast.ts'

/** Functions that read only the count and sum of histograms, or not even these. */
const STATS_FUNCTIONS: ReadonlySet<string> = new Set([
  'histogram_count',
  'histogram_sum',
  'histogram_avg',
  'timestamp',
  'start_timestamp',
  'absent',
])
const BUCKET_FUNCTIONS: ReadonlySet<string> = new Set([
  'histogram_quantile',
  'histogram_quantiles',
  'histogram_fraction',
  'histogram_stddev',
  'histogram_stdvar',
  'changes',
])
const BUCKET_OPERATORS: ReadonlySet<string> = new Set(['</', '>/', '==', '!='])

/** The selectors whose histograms need only count and sum. */
export function statsSelectors(expression: Expression): ReadonlySet<VectorSelector> {
  const found = new Set<VectorSelector>()
  collect(expression, 'unknown', found)
  return found
}

/** What the innermost function or operator around an expression needs of histograms. */
type Need = 'stats' | 'buckets' | 'unknown'

function collect(expression: Expression, need: Need, found: Set<VectorSelector>): void {
  if (expression.kind === 'vectorSelector') {
    if (need === 'stats') found.add(expression)
    return
  }
  const inner = needOf(expression, need)
  for (const child of childrenOf(expression)) collect(child, inner, found)
}

function needOf(expression: Expression, outer: Need): Need {
  switch (expression.kind) {
    case 'subquery':
      return 'buckets'
    case 'aggregation':
      return expression.operator === 'count_values' ? 'buckets' : outer
    case 'binary':
      return BUCKET_OPERATORS.has(expression.operator) ? 'buckets' : outer
    case 'call': {
      const { name } = expression.function
      if (BUCKET_FUNCTIONS.has(name)) return 'buckets'
      return STATS_FUNCTIONS.has(name) && outer !== 'buckets' ? 'stats' : outer
    }
    default:
      return outer
  }
}

/**
 * The samples from a time on, with histograms reduced to count and sum. Since resets can no longer be detected from
 * these, each histogram says whether a reset came before it.
 */
export function withStatsOnly(samples: SeriesSamples, startMs: number): SeriesSamples {
  const { histograms, timestamps, stale } = samples
  if (histograms === undefined) return samples
  let previous: FloatHistogram | undefined
  const stats = Array.from(timestamps, (time, i) => {
    const histogram = histograms[i]
    if (histogram === undefined || (stale !== undefined && stale[i] !== 0)) return histogram
    const { schema, count, sum } = histogram
    const hint = previous === undefined ? histogram.hint : hintAfter(previous, histogram)
    if (time >= startMs) previous = histogram
    return floatHistogram({ schema, count, sum, hint })
  })
  return { ...samples, histograms: stats }
}

function hintAfter(previous: FloatHistogram, histogram: FloatHistogram): FloatHistogram['hint'] {
  if (histogram.hint !== 'unknown') return histogram.hint
  return detectReset(histogram, previous) ? 'reset' : 'notReset'
}
