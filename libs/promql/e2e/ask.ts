import {
  allBuckets,
  type Engine,
  type FloatHistogram,
  Labels,
  ParseError,
  QueryError,
  type QueryResult,
  type SelectSeries,
} from '../src/index.ts'

/** An instant query, or a range query if there is a step. */
export interface Question {
  readonly query: string
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/** The numbers of one series with their timestamps; a native histogram contributes count, sum and buckets. */
export interface AnswerSeries {
  readonly labels: string
  readonly numbers: readonly number[]
}

export interface Answer {
  /** The kind of error, as in Prometheus' API. */
  readonly errorType?: string
  readonly error?: string
  readonly series: readonly AnswerSeries[]
  readonly annotations: readonly string[]
  readonly totalSamples?: number | undefined
}

export function describeQuestion({ query, startMs, endMs, stepMs }: Question): string {
  const when = stepMs === 0 ? `at ${startMs}` : `from ${startMs} to ${endMs} every ${stepMs}`
  return `${query}   ${when}`
}

/** Prometheus' answer over HTTP. */
export async function askPrometheus(url: string, { query, startMs, endMs, stepMs }: Question): Promise<Answer> {
  const seconds = (ms: number) => String(ms / 1000)
  const times: Record<string, string> =
    stepMs === 0 ? { time: seconds(startMs) } : { start: seconds(startMs), end: seconds(endMs), step: seconds(stepMs) }
  const body = new URLSearchParams({ query, stats: 'true', ...times })
  const response = await fetch(`${url}/api/v1/query${stepMs === 0 ? '' : '_range'}`, { method: 'POST', body })
  const json: ApiJson = JSON.parse(await response.text())
  if (json.status === 'error') {
    return { errorType: json.errorType ?? '', error: json.error ?? '', series: [], annotations: [] }
  }
  const { resultType = '', result = [], stats } = json.data ?? {}
  const annotations = [...(json.warnings ?? []), ...(json.infos ?? [])]
  const totalSamples = stats?.samples?.totalQueryableSamples
  if (resultType === 'scalar' || resultType === 'string') {
    const [, text = ''] = result as readonly [number, string]
    const one = {
      labels: resultType === 'scalar' ? 'scalar' : `string ${text}`,
      numbers: resultType === 'scalar' ? [numberOf(text)] : [],
    }
    return { series: [one], annotations, totalSamples }
  }
  return { series: (result as readonly ItemJson[]).map(toSeries), annotations, totalSamples }
}

interface ApiJson {
  readonly status: string
  readonly errorType?: string
  readonly error?: string
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
  readonly data?: {
    readonly resultType?: string
    readonly result?: readonly ItemJson[] | readonly [number, string]
    readonly stats?: { readonly samples?: { readonly totalQueryableSamples: number } }
  }
}

interface HistogramJson {
  readonly count: string
  readonly sum: string
  readonly buckets?: readonly (readonly [rule: number, lower: string, upper: string, count: string])[]
}

interface ItemJson {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly histogram?: readonly [number, HistogramJson]
  readonly values?: readonly (readonly [number, string])[]
  readonly histograms?: readonly (readonly [number, HistogramJson])[]
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text)
}

function toSeries({ metric, value, histogram, values = [], histograms = [] }: ItemJson): AnswerSeries {
  const floats = value === undefined ? values : [value]
  const natives = histogram === undefined ? histograms : [histogram]
  const numbers = [
    ...floats.flatMap(([seconds, text]) => [seconds, numberOf(text)]),
    ...natives.flatMap(([seconds, { count, sum, buckets = [] }]) => [
      seconds,
      ...[count, sum, ...buckets.flatMap(([, ...rest]) => rest)].map(numberOf),
    ]),
  ]
  return { labels: Labels.from(metric).toString(), numbers }
}

/** The engine's answer in the same form. */
export function askEngine(engine: Engine, select: SelectSeries, { query, startMs, endMs, stepMs }: Question): Answer {
  try {
    const result =
      stepMs === 0 ? engine.instant(select, query, startMs) : engine.range(select, query, startMs, endMs, stepMs)
    const annotations = [...result.warnings, ...result.infos]
    return { series: seriesOf(result, startMs), annotations, totalSamples: result.samples.totalQueryableSamples }
  } catch (error) {
    const isBadData = error instanceof ParseError || (error instanceof QueryError && error.kind === 'query')
    if (!isBadData && !(error instanceof QueryError)) throw error
    const kind = error instanceof QueryError && error.kind === 'timeout' ? 'timeout' : 'execution'
    const message = isBadData ? `invalid parameter "query": ${error.message}` : error.message
    return { errorType: isBadData ? 'bad_data' : kind, error: message, series: [], annotations: [] }
  }
}

function seriesOf({ value }: QueryResult, timeMs: number): AnswerSeries[] {
  switch (value.type) {
    case 'scalar':
      return [{ labels: 'scalar', numbers: [value.value] }]
    case 'string':
      return [{ labels: `string ${value.value}`, numbers: [] }]
    case 'vector':
      return value.samples.map((sample) => ({
        labels: sample.labels.toString(),
        numbers: [timeMs / 1000, ...valueNumbers(sample.value)],
      }))
    case 'matrix':
      return value.series.map(({ labels, floats, histograms }) => ({
        labels: labels.toString(),
        numbers: [
          ...floats.times.flatMap((time, i) => [time / 1000, floats.values[i] ?? Number.NaN]),
          ...histograms.times.flatMap((time, i) => {
            const histogram = histograms.values[i]
            return histogram === undefined ? [] : [time / 1000, ...valueNumbers(histogram)]
          }),
        ],
      }))
  }
}

function valueNumbers(value: number | FloatHistogram): number[] {
  if (typeof value === 'number') return [value]
  const buckets = allBuckets(value).filter(({ count }) => count !== 0)
  return [value.count, value.sum, ...buckets.flatMap(({ lower, upper, count }) => [lower, upper, count])]
}
