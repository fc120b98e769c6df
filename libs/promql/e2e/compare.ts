import type { Answer, AnswerSeries } from './ask.ts'

/** How two answers agree: to the last bit, nearly, or not, with the reason. */
export type Agreement = { readonly kind: 'bits' | 'near' } | { readonly kind: 'different'; readonly reason: string }

/** What else is compared than values and the kind of errors. */
export interface CompareOptions {
  /** Messages of errors, remarks, and the count of samples. */
  readonly texts: boolean
  /** Whether the order of the series counts. */
  readonly order: boolean
}

const NEAR = 1e-12

/** Compares an answer with Prometheus'. */
export function compare(want: Answer, got: Answer, { texts, order }: CompareOptions): Agreement {
  if (want.errorType !== undefined || got.errorType !== undefined) return compareErrors(want, got, texts)
  if (texts) {
    const [wanted, given] = [want, got].map(({ remarks }) => [...new Set(remarks.map(comparable))].sort().join('\n'))
    if (wanted !== given) return different(`remarks: want ${wanted}\n          got ${given}`)
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

/** Which of several series a message names depends on their order, which is random in Prometheus. */
function withoutSeries(message = ''): string {
  return message.replace(/ for the match group.*$/s, '')
}

/** Counts of samples in a remark, and which of two remarks is made of a group, depend on the order too. */
function comparable(remark: string): string {
  return remark
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
