import type { Question } from './ask.ts'

/** Changes of PromQL since Prometheus 2.42, by name. */
const DIFFERENCES: readonly (readonly [name: string, query: RegExp])[] = [
  ['a subquery had a step at the exact start of its range', /\[\w+:\w*\]/],
  ['an offset of zero was rejected', /offset 0s/],
  ['a string in parentheses was an error', /^\("text"\)$/],
  ['the minimum parameter of topk was reported as an overflow, not an underflow', /(?:top|bottom)k.*\(-(?:1e20|Inf),/],
  ['a rate was extrapolated back to zero over a longer time', /\b(?:rate|increase)\(/],
  ['atan2 kept the name of the metric', /\batan2\b/],
  ['the deviation of a single non-finite value was different', /\bstd(?:dev|var)/],
  ['a quantile next to infinity was NaN', /\bquantile/],
  ['predict_linear of a fixed range predicted from the first step at every step', /predict_linear\(.*@/],
  ['a mean was rounded differently, which is visible in functions of a huge mean', /\b(?:sin|cos|tan)\b.*\bavg/],
]

/** The name of the change that affects a query, if there is one. */
export function differenceOf242({ query }: Question): string | undefined {
  return DIFFERENCES.find(([, pattern]) => pattern.test(query))?.[0]
}
