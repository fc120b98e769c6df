import type { Question } from './ask.ts'

/** What Prometheus has changed in its language since 2.42, by name. */
const DIFFERENCES: readonly (readonly [name: string, query: RegExp])[] = [
  ['a subquery had a step at the very start of its range', /\[\w+:\w*\]/],
  ['an offset of zero was refused', /offset 0s/],
  ['a text in parentheses was an error', /^\("text"\)$/],
  ['the least number of a topk was too large, not too small', /(?:top|bottom)k.*\(-(?:1e20|Inf),/],
  ['a rate reached back to where its counter was zero from further away', /\b(?:rate|increase)\(/],
  ['atan2 kept the name of the metric', /\batan2\b/],
  ['the deviation of one value that is not finite was another', /\bstd(?:dev|var)/],
  ['a quantile next to infinity was no number', /\bquantile/],
  ['predict_linear of a fixed range looked from the first step at every step', /predict_linear\(.*@/],
  ['a mean was rounded otherwise, which shows in a function of a huge one', /\b(?:sin|cos|tan)\b.*\bavg/],
]

/** The name of the change that a query is about, if it is about one. */
export function differenceOf242({ query }: Question): string | undefined {
  return DIFFERENCES.find(([, pattern]) => pattern.test(query))?.[0]
}
