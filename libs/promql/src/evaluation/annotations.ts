import type { ForcedMonotonicity } from '../histogram/classic-buckets.ts'
import { formatShortest, formatTwoDigits } from '../text/format-number.ts'
import { positionText, type Range } from '../text/position.ts'
import { quote } from '../text/quote.ts'

/** An annotation of a result: a warning says that it may be wrong, an info that it may not be what was intended. */
interface Annotation {
  readonly level: 'warning' | 'info'
  readonly text: string
  readonly range: Range
  /** What is appended to the text, collected from all annotations with the same text. */
  readonly details?: Details
}

type Details =
  | { readonly kind: 'overlap'; readonly count: number }
  | ({
      readonly kind: 'monotonicity'
      readonly from: number
      readonly to: number
      readonly count: number
    } & ForcedMonotonicity)

export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation'

/** The annotations of one query, without duplicates. */
export class Annotations {
  readonly #byText = new Map<string, Annotation>()

  warn(text: string, range: Range): void {
    this.#add('warning', text, range)
  }

  inform(text: string, range: Range): void {
    this.#add('info', text, range)
  }

  #add(level: 'warning' | 'info', text: string, range: Range, details?: Details): void {
    const known = this.#byText.get(text)
    const all = details && known?.details ? merged(known.details, details) : details
    // If the same annotation occurs at several positions, the last one is reported.
    this.#byText.set(text, { level, text, range: all && known ? known.range : range, ...(all && { details: all }) })
  }

  /** The texts with line and column, as Prometheus' API returns them. */
  texts(query: string): { warnings: string[]; infos: string[] } {
    const of = (level: 'warning' | 'info') =>
      [...this.#byText.values()].filter((annotation) => annotation.level === level).map((one) => shown(one, query))
    return { warnings: of('warning'), infos: of('info') }
  }

  invalidQuantile(value: number, range: Range): void {
    this.warn(`quantile value should be between 0 and 1, got ${formatShortest(value)}`, range)
  }

  badBucketLabel(metric: string, label: string, range: Range): void {
    const text = `bucket label "le" is missing or has a malformed value of ${quote(label)}`
    this.warn(withMetric(text, metric), range)
  }

  mixedFloatsAndHistograms(metric: string, range: Range): void {
    this.warn(`encountered a mix of histograms and floats for metric name ${quote(metric)}`, range)
  }

  mixedBucketSchemas(metric: string, range: Range): void {
    const mix = 'vector contains a mix of histograms with exponential and custom buckets schemas'
    this.warn(`${mix} for metric name ${quote(metric)}`, range)
  }

  mixedClassicAndNative(metric: string, range: Range): void {
    this.warn(withMetric('vector contains a mix of classic and native histograms', metric), range)
  }

  notCounterHistogram(metric: string, range: Range): void {
    this.warn(`this native histogram metric is not a counter: ${quote(metric)}`, range)
  }

  notGaugeHistogram(metric: string, range: Range): void {
    this.warn(`this native histogram metric is not a gauge: ${quote(metric)}`, range)
  }

  resetCollision(operation: HistogramOperation, range: Range): void {
    this.warn(`conflicting counter resets during histogram ${operation}`, range)
  }

  boundsReconciled(operation: HistogramOperation, range: Range): void {
    this.inform(`mismatched custom buckets were reconciled during ${operation}`, range)
  }

  histogramIgnored(aggregation: string, range: Range): void {
    this.inform(`ignored histogram in ${aggregation} aggregation`, range)
  }

  histogramIgnoredInRange(metric: string, range: Range): void {
    const text = 'ignored histograms in a range containing both floats and histograms for metric name'
    this.inform(`${text} ${quote(metric)}`, range)
  }

  incompatibleTypes(left: string, operator: string, right: string, range: Range): void {
    const text = `incompatible sample types encountered for binary operator ${quote(operator)}`
    this.inform(`${text}: ${left} ${operator} ${right}`, range)
  }

  startTimeOverlap(metric: string, range: Range): void {
    const text = `sample has start time that overlaps with previous sample timestamp for metric ${quote(metric)}`
    this.#add('warning', text, range, { kind: 'overlap', count: 1 })
  }

  forcedMonotonicity(metric: string, time: number, forced: ForcedMonotonicity, range: Range): void {
    const help = 'https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile'
    const text = withMetric(`input to histogram_quantile needed to be fixed for monotonicity (see ${help})`, metric)
    this.#add('info', text, range, { kind: 'monotonicity', from: time, to: time, count: 1, ...forced })
  }
}

/** The text followed by the metric's name, if it is known. */
export function withMetric(text: string, metric: string): string {
  return metric === '' ? text : `${text} for metric name ${quote(metric)}`
}

function merged(a: Details, b: Details): Details {
  if (a.kind === 'overlap' || b.kind === 'overlap') return { kind: 'overlap', count: a.count + b.count }
  return {
    kind: 'monotonicity',
    from: Math.min(a.from, b.from),
    to: Math.max(a.to, b.to),
    count: a.count + b.count,
    minBucket: Math.min(a.minBucket, b.minBucket),
    maxBucket: Math.max(a.maxBucket, b.maxBucket),
    maxDifference: Math.max(a.maxDifference, b.maxDifference),
  }
}

function shown({ level, text, range, details }: Annotation, query: string): string {
  const where = `(${positionText(query, range)})`
  return `PromQL ${level}: ${text}${details ? describeDetails(details) : ''} ${where}`
}

function describeDetails(details: Details): string {
  if (details.kind === 'overlap') return details.count > 1 ? ` (${details.count} occurrences)` : ''
  const { minBucket, maxBucket, maxDifference, count, from, to } = details
  const buckets = `from buckets ${formatShortest(minBucket)} to ${formatShortest(maxBucket)}`
  const time = (at: number) => new Date(Math.trunc(at / 1000) * 1000).toISOString().replace('.000Z', 'Z')
  const samples = `over ${count} samples from ${time(from)} to ${time(to)}`
  return `, ${buckets}, with a max diff of ${formatTwoDigits(maxDifference)}, ${samples}`
}
