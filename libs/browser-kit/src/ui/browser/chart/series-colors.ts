/** The name of a series, and its labels if it has any, by which its colour is chosen. */
export interface ColoredSeries {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
}

/** A theme colour such as `--status-5xx`; `shade` is the number of earlier series with it in the same chart. */
export interface SeriesColor {
  readonly token: string
  readonly shade: number
}

/** The number of theme colours for series without a meaning. */
const SERIES_COLORS = 10

const STATUS_LABEL = /^(?:http[._])?(?:response[._])?(?:status|code|status_code|status_class|response_code)$/
const FAILURE = /\b(?:failures?|failed|errors?|refused|dropped|unaccounted)\b/i

/** 1 to 5 for a status code or class, such as `404` or `4xx`. */
function statusClass({ name, labels = {} }: ColoredSeries): string | undefined {
  for (const [key, value] of Object.entries(labels)) {
    const match = STATUS_LABEL.test(key) ? /^([1-5])(?:\d\d|xx)$/i.exec(value) : null
    if (match !== null) return match[1]
  }
  return /\b([1-5])xx\b/i.exec(name)?.[1] ?? /^(?:[A-Z]+ )?([1-5])\d\d$/.exec(name)?.[1]
}

/** A quantile from 0 to 1, such as that of `p95` or `99th percentile`. */
function quantileOf({ name, labels = {} }: ColoredSeries): number | undefined {
  if (labels.quantile !== undefined && labels.quantile !== '') return Number(labels.quantile)
  const percentile = /\bp(\d{2})(\d?)\b/i.exec(name) ?? /\b(\d{2})(\d?)th percentile\b/i.exec(name)
  if (percentile !== null) return Number(`0.${percentile[1]}${percentile[2] ?? ''}`)
  return /\bmedian\b/i.test(name) ? 0.5 : undefined
}

function quantileToken(quantile: number): string {
  if (quantile >= 0.985) return 'quantile-highest'
  if (quantile >= 0.94) return 'quantile-high'
  return quantile > 0.5 ? 'quantile-middle' : 'quantile-low'
}

/** The colour for a series' meaning; undefined if it has none. */
function meaning(series: ColoredSeries): string | undefined {
  const status = statusClass(series)
  if (status !== undefined) return `status-${status}xx`
  const quantile = quantileOf(series)
  if (quantile !== undefined && quantile >= 0 && quantile <= 1) return quantileToken(quantile)
  return FAILURE.test(series.name) ? 'status-5xx' : undefined
}

/** FNV-1a, which distributes similar strings. */
function hash(text: string): number {
  let sum = 0x811c9dc5
  for (let index = 0; index < text.length; index++) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193)
  return sum >>> 0
}

function identity({ name, labels }: ColoredSeries): string {
  const own = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return own.length === 0 ? name : JSON.stringify(own)
}

/**
 * The colours of a chart's series. A series with a meaning has a fixed one: statuses, quantiles, failures. Any other
 * series has the same colour in every chart, chosen by its labels, unless another series of the chart already has it.
 */
export function colorsOf(series: readonly ColoredSeries[]): readonly SeriesColor[] {
  const used = new Map<string, number>()
  const take = (token: string): SeriesColor => {
    const shade = used.get(token) ?? 0
    used.set(token, shade + 1)
    return { token, shade }
  }
  return series.map((one) => {
    const meant = meaning(one)
    if (meant !== undefined) return take(meant)
    const first = hash(identity(one)) % SERIES_COLORS
    const tokens = Array.from({ length: SERIES_COLORS }, (_, step) => `series-${((first + step) % SERIES_COLORS) + 1}`)
    const least = Math.min(...tokens.map((token) => used.get(token) ?? 0))
    return take(tokens.find((token) => (used.get(token) ?? 0) === least) ?? 'series-1')
  })
}
