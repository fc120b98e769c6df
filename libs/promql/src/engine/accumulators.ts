import type { Annotations } from '../evaluation/annotations.ts'
import { quantileOf } from '../functions/histograms/quantile.ts'
import { IncompatibleHistogramsError } from '../histogram/arithmetic.ts'
import { HistogramMean } from '../histogram/average.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import type { AggregationOperator } from '../parse/ast.ts'
import { KahanSum } from '../text/kahan.ts'
import type { Range } from '../text/position.ts'

/** Accumulates the values of one group at one step. */
export interface Accumulator {
  add(value: number | FloatHistogram, metric: string): void
  /** Undefined if the group has no value. */
  result(): number | FloatHistogram | undefined
}

/** Where the annotations of an aggregation go. */
export interface AnnotationSink {
  readonly annotations: Annotations
  readonly range: Range
}

type Simple = Exclude<AggregationOperator, 'topk' | 'bottomk' | 'limitk' | 'limit_ratio' | 'count_values'>

/** Creates the accumulator of an aggregation; only `quantile` has a parameter. */
export function accumulatorFor(operator: Simple, parameter: number, sink: AnnotationSink): Accumulator {
  switch (operator) {
    case 'sum':
    case 'avg':
      return new SumOrMean(operator === 'avg', sink)
    case 'count':
      return new Count()
    case 'group':
      return new Group()
    case 'min':
    case 'max':
      return new Extreme(operator, sink)
    case 'stddev':
    case 'stdvar':
      return new Variance(operator, sink)
    case 'quantile':
      return new Quantile(parameter, sink)
  }
}

class Count implements Accumulator {
  #count = 0

  add(): void {
    this.#count += 1
  }

  result(): number | undefined {
    return this.#count === 0 ? undefined : this.#count
  }
}

class Group implements Accumulator {
  #seen = false

  add(): void {
    this.#seen = true
  }

  result(): number | undefined {
    return this.#seen ? 1 : undefined
  }
}

/** An aggregation of floats that ignores histograms. */
abstract class FloatsOnly implements Accumulator {
  readonly #operator: string
  readonly #sink: AnnotationSink

  constructor(operator: string, sink: AnnotationSink) {
    this.#operator = operator
    this.#sink = sink
  }

  add(value: number | FloatHistogram): void {
    if (typeof value === 'number') this.addFloat(value)
    else this.#sink.annotations.histogramIgnored(this.#operator, this.#sink.range)
  }

  protected abstract addFloat(value: number): void

  abstract result(): number | undefined
}

class Extreme extends FloatsOnly {
  readonly #isMax: boolean
  #best: number | undefined

  constructor(operator: 'min' | 'max', sink: AnnotationSink) {
    super(operator, sink)
    this.#isMax = operator === 'max'
  }

  protected override addFloat(value: number): void {
    const best = this.#best
    const wins = best === undefined || Number.isNaN(best) || (this.#isMax ? best < value : best > value)
    if (wins) this.#best = value
  }

  override result(): number | undefined {
    return this.#best
  }
}

class Variance extends FloatsOnly {
  readonly #wantsDeviation: boolean
  #count = 0
  #mean = 0
  #squares = 0

  constructor(operator: 'stddev' | 'stdvar', sink: AnnotationSink) {
    super(operator, sink)
    this.#wantsDeviation = operator === 'stddev'
  }

  protected override addFloat(value: number): void {
    this.#count += 1
    if (this.#count === 1) {
      this.#mean = value
      this.#squares = Number.isFinite(value) ? 0 : Number.NaN
      return
    }
    const difference = value - this.#mean
    this.#mean += difference / this.#count
    this.#squares += difference * (value - this.#mean)
  }

  override result(): number | undefined {
    if (this.#count === 0) return undefined
    const variance = this.#squares / this.#count
    return this.#wantsDeviation ? Math.sqrt(variance) : variance
  }
}

class Quantile extends FloatsOnly {
  readonly #quantile: number
  readonly #values: number[] = []

  constructor(quantile: number, sink: AnnotationSink) {
    super('quantile', sink)
    this.#quantile = quantile
  }

  protected override addFloat(value: number): void {
    this.#values.push(value)
  }

  override result(): number | undefined {
    return this.#values.length === 0 ? undefined : quantileOf(this.#quantile, this.#values)
  }
}

class SumOrMean implements Accumulator {
  readonly #wantsMean: boolean
  readonly #sink: AnnotationSink
  #count = 0
  #floats: KahanSum | undefined
  #isIncremental = false
  #histograms: HistogramMean | undefined
  #isIncompatible = false
  #isMixed = false

  constructor(wantsMean: boolean, sink: AnnotationSink) {
    this.#wantsMean = wantsMean
    this.#sink = sink
  }

  add(value: number | FloatHistogram, metric: string): void {
    if (this.#isIncompatible) return
    this.#count += 1
    if (typeof value !== 'number') this.#addHistogram(value, metric)
    else if (this.#floats === undefined) this.#floats = new KahanSum(value)
    else if (this.#wantsMean) this.#addToMean(this.#floats, value)
    else this.#floats.add(value)
  }

  #addHistogram(value: FloatHistogram, metric: string): void {
    if (this.#histograms === undefined) {
      this.#histograms = new HistogramMean(value, this.#wantsMean)
      this.#isMixed = this.#floats !== undefined
      return
    }
    // A group with both floats and histograms has no result.
    if (this.#isMixed) return
    try {
      this.#histograms.add(value)
    } catch (error) {
      if (!(error instanceof IncompatibleHistogramsError)) throw error
      this.#sink.annotations.mixedBucketSchemas(metric, this.#sink.range)
      this.#isIncompatible = true
    }
  }

  #addToMean(mean: KahanSum, value: number): void {
    const count = this.#count
    if (!this.#isIncremental) {
      const next = new KahanSum(mean.sum, mean.compensation).add(value)
      if (Math.abs(next.sum) !== Number.POSITIVE_INFINITY) {
        this.#floats = next
        return
      }
      this.#isIncremental = true
      mean.sum /= count - 1
      mean.compensation /= count - 1
    }
    const share = (count - 1) / count
    this.#floats = new KahanSum(share * mean.sum, share * mean.compensation).add(value / count)
  }

  result(): number | FloatHistogram | undefined {
    const { annotations, range } = this.#sink
    const floats = this.#floats
    const histograms = this.#histograms
    if (floats !== undefined && histograms !== undefined) {
      annotations.warn('encountered a mix of histograms and floats for aggregation', range)
      return undefined
    }
    if (this.#isIncompatible) return undefined
    if (histograms !== undefined) {
      if (histograms.problems.resetCollision) annotations.resetCollision('aggregation', range)
      if (histograms.problems.boundsReconciled) annotations.boundsReconciled('aggregation', range)
      return histograms.compacted()
    }
    if (floats === undefined) return undefined
    if (!this.#wantsMean || this.#isIncremental) return floats.total
    return floats.sum / this.#count + floats.compensation / this.#count
  }
}
