import type { Answer, AnswerSeries } from './ask.ts'

/** Whether two answers agree exactly, nearly, or not, with the reason. */
export type Agreement = { readonly kind: 'bits' | 'near' } | { readonly kind: 'different'; readonly reason: string }

/** What is compared besides values and the kinds of errors. */
export interface CompareOptions {
  /** Error messages, annotations, and sample counts. */
  readonly texts: boolean
  /** Whether the order of the series must be the same. */
  readonly order: boolean
}

const NEAR = 1e-12

/** Compares an answer with Prometheus'. */
export function compare(want: Answer, got: Answer, { texts, order }: CompareOptions): Agreement {
  if (want.errorType !== undefined || got.errorType !== undefined) return compareErrors(want, got, texts)
  if (texts) {
    const [wanted, given] = [want, got].map(({ annotations }) =>
      [...new Set(annotations.map(comparable))].sort().join('\n'),
    )
    if (wanted !== given) return different(`annotations: want ${wanted}\n          got ${given}`)
  }
  const [wanted, given] = [want, got].map(({ series }) => (order ? series : [...series].sort(byLabels)))
  const values = compareSeries(wanted ?? [], given ?? [])
  if (values.kind === 'different' || !texts || want.totalSamples === got.totalSamples) return values
  return different(`samples: want ${want.totalSamples}, got ${got.totalSamples}`)
}

function different(reason: string): Agreement {
  return { kind: 'different', reason }
}

function compareErrors(want: Answer, got: Answer, texts: boolean): Agreement {
  const shown = `error: want ${want.errorType} ${want.error}\n        got ${got.errorType} ${got.error}`
  if (want.errorType !== got.errorType) return different(shown)
  return !texts || withoutSeries(want.error) === withoutSeries(got.error) ? { kind: 'bits' } : different(shown)
}

/** The series that a message names depends on their order, which is random in Prometheus. */
function withoutSeries(message = ''): string {
  return message.replace(/ for the match group.*$/s, '')
}

/** Sample counts in an annotation, and which of two annotations a group gets, depend on the order too. */
function comparable(annotation: string): string {
  return annotation
    .replace(/over \d+ samples/, 'samples')
    .replace(
      /(vector contains|encountered) a mix of histograms (with exponential and custom buckets schemas for metric name "[^"]*"|and floats for aggregation)/,
      'mixed',
    )
}

function byLabels(a: AnswerSeries, b: AnswerSeries): number {
  return a.labels < b.labels ? -1 : a.labels > b.labels ? 1 : 0
}

function compareSeries(want: readonly AnswerSeries[], got: readonly AnswerSeries[]): Agreement {
  const labels = (list: readonly AnswerSeries[]) => list.map((one) => one.labels).join('\n')
  if (labels(want) !== labels(got)) return different(`want series\n${labels(want)}\ngot\n${labels(got)}`)
  let isNear = false
  for (const [i, { labels: name, numbers }] of want.entries()) {
    const others = got[i]?.numbers ?? []
    const at = numbers.findIndex((number, k) => !near(number, others[k]))
    if (at >= 0 || numbers.length !== others.length) {
      return different(
        `${name}: number ${at} of ${numbers.length} (got ${others.length}): want ${numbers[at]}, got ${others[at]}`,
      )
    }
    isNear ||= numbers.some((number, k) => !Object.is(number, others[k]))
  }
  return { kind: isNear ? 'near' : 'bits' }
}

function near(want: number, got: number | undefined): boolean {
  if (got === undefined) return false
  if (want === got || (Number.isNaN(want) && Number.isNaN(got))) return true
  return Math.abs(want - got) <= NEAR * Math.max(Math.abs(want), Math.abs(got))
}
