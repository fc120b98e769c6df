import {
  childrenOf,
  type Expression,
  type QueryResult,
  type SelectSeries,
  type SeriesSamples,
  type VectorSelector,
} from '@node-to-cloud/promql'
import type { CloudDifference } from './cloud-differences.ts'

/** How Cloud Monitoring's result would differ, as far as it can be determined from the result. */
export function cloudResultDifferences(expression: Expression, { value }: QueryResult): CloudDifference[] {
  const start = positionOfQuantile(expression)
  const isNan = (one: unknown) => typeof one === 'number' && Number.isNaN(one)
  const hasNan =
    (value.type === 'vector' && value.samples.some((sample) => isNan(sample.value))) ||
    (value.type === 'matrix' && value.series.some(({ floats }) => floats.values.some(isNan)))
  if (start === undefined || !hasNan) return []
  return [{ text: 'histogram_quantile() has no value, not NaN, where a histogram is empty', refused: false, start }]
}

function positionOfQuantile(expression: Expression): number | undefined {
  if (expression.kind === 'call' && expression.function.name === 'histogram_quantile') return expression.range.start
  for (const child of childrenOf(expression)) {
    const found = positionOfQuantile(child)
    if (found !== undefined) return found
  }
  return undefined
}

/** A series has ended when it has missed this many of its intervals. */
const MISSED_INTERVALS = 3
/** How far before the lookback delta the last two points are searched for. */
const INTERVALS_FROM_MS = 600_000

/**
 * Detects series that have ended but still have a value: neither Cloud Monitoring nor this store has Prometheus'
 * staleness markers, which would end them at once.
 */
export class EndedSeries {
  readonly #selector: VectorSelector | undefined
  #count = 0

  constructor(expression: Expression) {
    this.#selector = instantSelector(expression)
  }

  watch(select: SelectSeries): SelectSeries {
    if (this.#selector === undefined) return select
    return (matchers, window) => {
      const wider = { ...window, startMs: window.startMs - INTERVALS_FROM_MS }
      return this.#watched(select(matchers, wider), window.endMs)
    }
  }

  differences(): CloudDifference[] {
    if (this.#selector === undefined || this.#count === 0) return []
    const series = this.#count === 1 ? 'a series that has ended keeps' : `${this.#count} series that have ended keep`
    const text = `staleness is not supported: ${series} a value until the end of the lookback delta`
    return [{ text, refused: false, start: this.#selector.range.start }]
  }

  *#watched(found: Iterable<SeriesSamples>, endMs: number): Generator<SeriesSamples> {
    for (const samples of found) {
      const { timestamps } = samples
      const last = timestamps[timestamps.length - 1] ?? endMs
      const interval = last - (timestamps[timestamps.length - 2] ?? Number.NEGATIVE_INFINITY)
      if (endMs - last > MISSED_INTERVALS * interval) this.#count += 1
      yield samples
    }
  }
}

/** The first instant vector selector, to which the lookback delta applies. */
function instantSelector(expression: Expression): VectorSelector | undefined {
  if (expression.kind === 'vectorSelector') return expression
  if (expression.kind === 'matrixSelector') return undefined
  for (const child of childrenOf(expression)) {
    const found = instantSelector(child)
    if (found !== undefined) return found
  }
  return undefined
}
