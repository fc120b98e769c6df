import { type Labels, METRIC_NAME } from '../model/labels/labels.ts'
import { promqlString } from '../targets/promql-string.ts'
import { type RawSamples, readMatrix } from './raw-samples.ts'

/** Queries Prometheus' API: resolves with the `data` of a successful response, rejects otherwise. */
export type QueryPrometheus = (
  path: string,
  query: Readonly<Record<string, string>>,
  options: { readonly timeoutMs: number },
) => Promise<unknown>

const QUERY_TIMEOUT_MS = 10_000

/** Queries the raw samples after `fromMs` up to `toMs` of all series that match a selector, by their `labelsKey`. */
export async function queryRawSamples(
  queryPrometheus: QueryPrometheus,
  selector: string,
  options: { readonly fromMs: number; readonly toMs: number; readonly externalLabels: Labels },
): Promise<Map<string, RawSamples>> {
  const { fromMs, toMs, externalLabels } = options
  const query = { query: `${selector}[${Math.max(1, toMs - fromMs)}ms]`, time: (toMs / 1000).toFixed(3) }
  return readMatrix(await queryPrometheus('/api/v1/query', query, { timeoutMs: QUERY_TIMEOUT_MS }), externalLabels)
}

/** A selector of the series of a target, or only of these metrics. */
export function targetSelector(target: Labels, metrics?: ReadonlySet<string>): string {
  const matchers = [...target].map(([name, value]) => matcher(name, '=', value))
  if (metrics !== undefined) matchers.unshift(matcher(METRIC_NAME, '=~', [...metrics].map(escapeRegExp).join('|')))
  return `{${matchers.join(',')}}`
}

/** Label names that are not legacy names are quoted, as in Prometheus 3. */
function matcher(name: string, operator: '=' | '=~', value: string): string {
  return `${/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : promqlString(name)}${operator}${promqlString(value)}`
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&')
}
