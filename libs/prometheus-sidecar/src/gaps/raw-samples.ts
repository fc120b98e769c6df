import { isJsonObject } from '../model/json-object.ts'
import { canonicalLabels } from '../model/labels/canonical-labels.ts'
import { encodeLabels, type Labels, labelsKey } from '../model/labels/labels.ts'

/** Raw samples of one series, oldest first. */
export interface RawSamples {
  readonly timestampsMs: readonly number[]
  readonly values: readonly number[]
}

/** A response of Prometheus' query API that is not a matrix. */
export class QueryResponseError extends Error {
  readonly code = 'ERR_QUERY_RESPONSE'

  constructor(message: string) {
    super(message)
    this.name = 'QueryResponseError'
  }
}

/**
 * Reads the `data` of an instant query for a range (`metric[5m]`), which returns raw samples.
 *
 * @param externalLabels - Labels that Prometheus adds to a series when it sends it, unless the series already has them.
 * @returns By the `labelsKey` of the series' canonical labels.
 * @throws {QueryResponseError}
 */
export function readMatrix(data: unknown, externalLabels: Labels): Map<string, RawSamples> {
  if (!isJsonObject(data) || data.resultType !== 'matrix' || !Array.isArray(data.result)) {
    throw new QueryResponseError('the response is not a matrix')
  }
  const series = new Map<string, RawSamples>()
  for (const result of data.result) {
    if (!isJsonObject(result) || !isJsonObject(result.metric)) throw new QueryResponseError('a series has no labels')
    const labels = new Map(externalLabels)
    for (const [name, value] of Object.entries(result.metric)) labels.set(name, String(value))
    const key = labelsKey(encodeLabels(canonicalLabels(labels).labels))
    // A native histogram series has `histograms` instead of `values`.
    const pairs = Array.isArray(result.values) ? result.values : []
    const timestampsMs: number[] = []
    const values: number[] = []
    for (const pair of pairs) {
      if (!Array.isArray(pair) || typeof pair[0] !== 'number') throw new QueryResponseError('a sample has no time')
      timestampsMs.push(Math.round(pair[0] * 1000))
      values.push(parseValue(String(pair[1])))
    }
    const other = series.get(key)
    series.set(key, other === undefined ? { timestampsMs, values } : inOrder(other, { timestampsMs, values }))
  }
  return series
}

/** Merges the samples of a series that was returned under two forms of its labels. */
function inOrder(a: RawSamples, b: RawSamples): RawSamples {
  const samples = [a, b].flatMap(({ timestampsMs, values }) =>
    timestampsMs.map((timestampMs, index) => ({ timestampMs, value: values[index] ?? Number.NaN })),
  )
  samples.sort((one, other) => one.timestampMs - other.timestampMs)
  return { timestampsMs: samples.map(({ timestampMs }) => timestampMs), values: samples.map(({ value }) => value) }
}

/** Parses a value of Prometheus' API: a number in Go's format, `+Inf`, `-Inf` or `NaN`. */
function parseValue(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  return Number(text)
}
