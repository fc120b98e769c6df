import { isJsonObject } from '../model/json-object.ts'
import { encodeLabels, type Labels, labelsKey } from '../model/labels.ts'

/** Raw samples of one series, oldest first. */
export interface RawSamples {
  readonly timestampsMs: readonly number[]
  readonly values: readonly number[]
}

/** An answer of Prometheus' query API that has not the form of a matrix. */
export class QueryAnswerError extends Error {
  readonly code = 'ERR_QUERY_ANSWER'

  constructor(message: string) {
    super(message)
    this.name = 'QueryAnswerError'
  }
}

/**
 * Reads the `data` of an instant query for a range (`metric[5m]`), which gives raw samples.
 *
 * @param externalLabels - What Prometheus adds to a series when it sends it, unless the series has such a label itself.
 * @returns By the series' labels as remote_write has them, in the form of `encodeLabels` as latin1.
 * @throws {QueryAnswerError}
 */
export function readMatrix(data: unknown, externalLabels: Labels): Map<string, RawSamples> {
  if (!isJsonObject(data) || data.resultType !== 'matrix' || !Array.isArray(data.result)) {
    throw new QueryAnswerError('the answer is no matrix')
  }
  const series = new Map<string, RawSamples>()
  for (const result of data.result) {
    if (!isJsonObject(result) || !isJsonObject(result.metric)) throw new QueryAnswerError('a series has no labels')
    const labels = new Map(externalLabels)
    for (const [name, value] of Object.entries(result.metric)) labels.set(name, String(value))
    const key = labelsKey(encodeLabels(labels))
    // A native histogram series has `histograms` instead of `values`.
    const pairs = Array.isArray(result.values) ? result.values : []
    const timestampsMs: number[] = []
    const values: number[] = []
    for (const pair of pairs) {
      if (!Array.isArray(pair) || typeof pair[0] !== 'number') throw new QueryAnswerError('a sample has no time')
      timestampsMs.push(Math.round(pair[0] * 1000))
      values.push(parseValue(String(pair[1])))
    }
    series.set(key, { timestampsMs, values })
  }
  return series
}

/** A value as Prometheus' API writes it: Go's number form, and `+Inf`, `-Inf`, `NaN`. */
function parseValue(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  return Number(text)
}
