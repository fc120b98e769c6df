import { type Labels, METRIC_NAME } from '../model/labels.ts'
import { type RawSamples, readMatrix } from './raw-samples.ts'

/** Asks Prometheus' API: gives `data` of a successful answer, rejects for any other. */
export type AskPrometheus = (
  path: string,
  query: Readonly<Record<string, string>>,
  options: { readonly timeoutMs: number },
) => Promise<unknown>

/** Raw samples from a time on, and from a little before it: `sinceMs`. */
export interface RawSampleAnswer {
  readonly sinceMs: number
  /** By the label bytes of the series as latin1. */
  readonly series: Promise<Map<string, RawSamples>>
}

const QUERY_TIMEOUT_MS = 10_000
/** Prometheus' own look-back: a series that is alive has a sample within it. */
const BEFORE_MS = 5 * 60_000

/** Asks for the raw samples of all series that a selector matches, after `newestMs`, and a few before it to know that there were some. */
export function queryRawSamples(
  ask: AskPrometheus,
  selector: string,
  options: { readonly newestMs: number; readonly nowMs: number; readonly externalLabels: Labels },
): RawSampleAnswer {
  const { newestMs, nowMs, externalLabels } = options
  const rangeSeconds = Math.ceil((nowMs - newestMs + BEFORE_MS) / 1000)
  const query = { query: `${selector}[${rangeSeconds}s]`, time: (nowMs / 1000).toFixed(3) }
  const series = ask('/api/v1/query', query, { timeoutMs: QUERY_TIMEOUT_MS }).then((data) =>
    readMatrix(data, externalLabels),
  )
  return { sinceMs: nowMs - rangeSeconds * 1000, series }
}

/** Says whether Prometheus' database has the series as far as it was taken. If not, it can't tell what came after. */
export function reachesBack(samples: RawSamples | undefined, newestMs: number): samples is RawSamples {
  const [oldestMs] = samples?.timestampsMs ?? []
  return oldestMs !== undefined && oldestMs <= newestMs
}

/** A selector of all series of the target that a series is of; of its metric if it has none. */
export function targetSelector(labels: Labels): string {
  const target = ['job', 'instance'].flatMap((name) => matcher(name, labels.get(name)))
  return `{${(target.length > 0 ? target : matcher(METRIC_NAME, labels.get(METRIC_NAME))).join(',')}}`
}

/** A selector of the series with these labels. */
export function seriesSelector(labels: Labels): string {
  return `{${[...labels].flatMap(([name, value]) => matcher(name, value)).join(',')}}`
}

function matcher(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}=${JSON.stringify(value)}`]
}
