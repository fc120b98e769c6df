import type { Bound, EndpointMetric, Quantiles } from '../contract/run-report.ts'
import { SeriesTally } from '../results/series-tally.ts'
import { Sketch } from '../results/sketch.ts'
import type { Tally } from '../results/tally.ts'
import { ENDPOINT_METRICS } from '../script/bounds/endpoint-names.ts'
import { SUMMARY_VALUES } from '../script/bounds/summary-values.ts'

/** A run's metrics by their names in Artillery. */
export interface ArtilleryMetrics {
  readonly counters: ReadonlyMap<string, number>
  /** A second. */
  readonly rates: ReadonlyMap<string, number>
  readonly summaries: ReadonlyMap<string, Sketch>
}

/**
 * Names what was counted and measured as Artillery does, with the metrics by endpoint of its plugin.
 *
 * @param seconds how long the counts took.
 * @param endpoints Artillery's names of endpoints by those of their series; default: the same names.
 */
export function artilleryMetrics(
  tally: Tally,
  seconds: number,
  endpoints: ReadonlyMap<string, string> = new Map(),
): ArtilleryMetrics {
  const total = tally.total()
  const perSecond = (events: number): number => (seconds > 0 ? events / seconds : 0)
  const byEndpoint = endpointMetrics(tally, endpoints)
  return {
    counters: new Map([
      ['vusers.created', tally.arrivals],
      ['vusers.completed', tally.usersCompleted],
      ['vusers.failed', tally.usersFailed],
      ['vusers.skipped', tally.usersSkipped],
      ['http.requests', total.requests],
      ['http.responses', [...total.statuses.values()].reduce((sum, count) => sum + count, 0)],
      ['http.downloaded_bytes', total.bytes],
      ...[...total.statuses].map(([status, count]) => [`http.codes.${status}`, count] as const),
      ...[...tally.errors].map(([code, count]) => [`errors.${code}`, count] as const),
      ...byEndpoint.counters,
      ...tally.counters,
    ]),
    rates: new Map([
      ['http.request_rate', perSecond(total.requests)],
      ...[...tally.rates].map(([name, events]) => [name, perSecond(events)] as const),
    ]),
    summaries: new Map([
      ['http.response_time', total.latency],
      ...[...tally.statusLatency].map(([digit, sketch]) => [`http.response_time.${digit}xx`, sketch] as const),
      ['http.time_to_first_byte', total.firstByte],
      ['vusers.session_length', tally.sessions],
      ['vusers.start_lag', tally.lag],
      ...byEndpoint.summaries,
      ...tally.histograms,
    ]),
  }
}

/** The plugin tells endpoints apart by their name, whatever the method. */
function endpointMetrics(
  { series }: Tally,
  endpoints: ReadonlyMap<string, string>,
): Pick<ArtilleryMetrics, 'counters' | 'summaries'> {
  const counters = new Map<string, number>()
  const summaries = new Map<string, Sketch>()
  for (const one of series.values()) {
    const name = endpoints.get(one.name) ?? one.name
    for (const [counter, by] of endpointCounts(one)) {
      const key = `${ENDPOINT_METRICS}.${name}.${counter}`
      counters.set(key, (counters.get(key) ?? 0) + by)
    }
    const key = `${ENDPOINT_METRICS}.response_time.${name}`
    const sketch = summaries.get(key) ?? new Sketch()
    sketch.merge(one.latency)
    summaries.set(key, sketch)
  }
  return { counters, summaries }
}

/** What the plugin counts of the requests to one endpoint: `codes.200`, `errors.ETIMEDOUT`. */
function endpointCounts({ statuses, errors }: SeriesTally): (readonly [string, number])[] {
  return [
    ...[...statuses].map(([status, by]) => [`codes.${status}`, by] as const),
    ...[...errors].filter(([code]) => !/^HTTP \d{3}$/.test(code)).map(([code, by]) => [`errors.${code}`, by] as const),
  ]
}

function readEndpoint(tally: Tally, { series, value }: EndpointMetric): number | undefined {
  const sum = new SeriesTally('', '')
  for (const one of tally.series.values()) if (series.includes(one.name)) sum.merge(one)
  if (COUNTED.test(`.${value}`)) return endpointCounts(sum).find(([name]) => name === value)?.[1] ?? 0
  return sum.latency.count === 0 ? undefined : quantile(sum.latency.quantiles(), value)
}

/** Counters of these names are 0 if they never came, since it is known what they count. */
const COUNTED = /^(http\.codes|errors|vusers\.created_by_name|plugins\.expect)\.|^\.(codes|errors)\./

/**
 * Reads metrics by their names in Artillery, such as `http.response_time.p95`, `http.codes.200`, `vusers.failed` or
 * `errors.ETIMEDOUT`; and in addition `vusers.error_rate`, the percentage of failed virtual users (Artillery's
 * `maxErrorRate`), and `error_rate`, the percentage of failed requests.
 *
 * @param seconds how long the counts took.
 * @returns a function that returns undefined for a metric that was not measured.
 */
export function createMetricReader(
  tally: Tally,
  seconds: number,
): (named: Pick<Bound, 'metric' | 'endpoint'>) => number | undefined {
  let metrics: ArtilleryMetrics | undefined
  return ({ metric: name, endpoint }) => {
    if (endpoint !== undefined) return readEndpoint(tally, endpoint)
    if (name === 'vusers.error_rate') return percentage(tally.usersFailed, tally.arrivals)
    if (name === 'error_rate') {
      const { failures, requests } = tally.total()
      return percentage(failures, requests)
    }
    metrics ??= artilleryMetrics(tally, seconds)
    const value = metrics.counters.get(name) ?? metrics.rates.get(name)
    if (value !== undefined) return value
    const dot = name.lastIndexOf('.')
    const sketch = metrics.summaries.get(name.slice(0, dot))
    if (sketch !== undefined && sketch.count > 0) return quantile(sketch.quantiles(), name.slice(dot + 1))
    return COUNTED.test(name) ? 0 : undefined
  }
}

/** A distribution as the summary values that Artillery reports. */
export function summaryValues(sketch: Sketch): Readonly<Record<string, number>> {
  const quantiles = sketch.quantiles()
  return Object.fromEntries(SUMMARY_VALUES.map((name) => [name, rounded(quantile(quantiles, name) ?? 0)]))
}

function percentage(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : (100 * part) / whole
}

function quantile(quantiles: Quantiles, name: string): number | undefined {
  if (name === 'median') return quantiles.p50
  return Object.hasOwn(quantiles, name) ? quantiles[name as keyof Quantiles] : undefined
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}
