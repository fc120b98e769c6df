import { type Labels, METRIC_NAME } from '../model/labels.ts'
import { type RawSamples, readMatrix } from './raw-samples.ts'

/** Queries Prometheus' API: resolves with the `data` of a successful answer, rejects otherwise. */
export type AskPrometheus = (
  path: string,
  query: Readonly<Record<string, string>>,
  options: { readonly timeoutMs: number },
) => Promise<unknown>

/** Raw samples since `sinceMs`. */
export interface RawSampleAnswer {
  readonly sinceMs: number
  /** By the `labelsKey` of the series. */
  readonly series: Promise<Map<string, RawSamples>>
}

const QUERY_TIMEOUT_MS = 10_000
/** Prometheus' own lookback: a live series has a sample within it. */
const LOOKBACK_MS = 5 * 60_000

/**
 * Queries the raw samples of all series that match a selector, after `newestMs`, and some before it to know whether the
 * database has them.
 */
export function queryRawSamples(
  ask: AskPrometheus,
  selector: string,
  options: { readonly newestMs: number; readonly nowMs: number; readonly externalLabels: Labels },
): RawSampleAnswer {
  const { newestMs, nowMs, externalLabels } = options
  const rangeSeconds = Math.ceil((nowMs - newestMs + LOOKBACK_MS) / 1000)
  const query = { query: `${selector}[${rangeSeconds}s]`, time: (nowMs / 1000).toFixed(3) }
  const series = ask('/api/v1/query', query, { timeoutMs: QUERY_TIMEOUT_MS }).then((data) =>
    readMatrix(data, externalLabels),
  )
  return { sinceMs: nowMs - rangeSeconds * 1000, series }
}

/**
 * Whether Prometheus' database has the newest accepted sample of a series, or an older one. If not, it can't know the
 * samples in the gap.
 */
export function reachesBack(samples: RawSamples | undefined, newestMs: number): samples is RawSamples {
  const [oldestMs] = samples?.timestampsMs ?? []
  return oldestMs !== undefined && oldestMs <= newestMs
}

/** A selector of all series of the target that a series belongs to, or of its metric if it has no target. */
export function targetSelector(labels: Labels): string {
  const target = ['job', 'instance'].flatMap((name) => matcher(name, labels.get(name)))
  return `{${(target.length > 0 ? target : matcher(METRIC_NAME, labels.get(METRIC_NAME))).join(',')}}`
}

export function seriesSelector(labels: Labels): string {
  return `{${[...labels].flatMap(([name, value]) => matcher(name, value)).join(',')}}`
}

function matcher(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}=${JSON.stringify(value)}`]
}
