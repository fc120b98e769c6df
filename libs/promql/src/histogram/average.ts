import { HistogramSum } from './arithmetic.ts'
import { compact, divide, type FloatHistogram, hasOverflow, multiply } from './float-histogram.ts'

/** Problems that occurred while histograms were added. */
export interface SumProblems {
  readonly resetCollision: boolean
  readonly boundsReconciled: boolean
}

/**
 * The sum or mean of a sequence of histograms. The mean is computed from the sum as long as that does not overflow,
 * then incrementally.
 */
export class HistogramMean {
  readonly #wantsMean: boolean
  #sum: HistogramSum
  #count = 1
  #isIncremental = false
  #sawReset: boolean
  #sawNoReset: boolean
  #boundsReconciled = false

  constructor(first: FloatHistogram, wantsMean: boolean) {
    this.#wantsMean = wantsMean
    this.#sum = new HistogramSum(first)
    this.#sawReset = first.hint === 'reset'
    this.#sawNoReset = first.hint === 'notReset'
  }

  get problems(): SumProblems {
    return { resetCollision: this.#sawReset && this.#sawNoReset, boundsReconciled: this.#boundsReconciled }
  }

  /** Throws an `IncompatibleHistogramsError`. */
  add(histogram: FloatHistogram): void {
    this.#sawReset ||= histogram.hint === 'reset'
    this.#sawNoReset ||= histogram.hint === 'notReset'
    this.#count += 1
    if (!this.#wantsMean) this.#addTo(this.#sum, histogram)
    else if (!this.#isIncremental) this.#addUnlessOverflow(histogram)
    else this.#addToMean(histogram)
  }

  #addTo(sum: HistogramSum, histogram: FloatHistogram): void {
    if (sum.add(histogram).boundsReconciled) this.#boundsReconciled = true
  }

  #addUnlessOverflow(histogram: FloatHistogram): void {
    const next = this.#sum.copy()
    this.#addTo(next, histogram)
    if (!hasOverflow(next.plain)) {
      this.#sum = next
      return
    }
    this.#isIncremental = true
    this.#sum.scale((one) => divide(one, this.#count - 1))
    this.#addToMean(histogram)
  }

  #addToMean(histogram: FloatHistogram): void {
    const share = (this.#count - 1) / this.#count
    this.#sum.scale((one) => multiply(one, share))
    this.#addTo(this.#sum, divide(histogram, this.#count))
  }

  result(): FloatHistogram {
    if (this.#wantsMean && !this.#isIncremental) {
      const count = this.#count
      const mean = this.#sum.copy()
      mean.scale((one) => divide(one, count))
      return mean.total()
    }
    return this.#sum.total()
  }

  /** The result without empty buckets. */
  compacted(): FloatHistogram {
    return compact(this.result())
  }
}
