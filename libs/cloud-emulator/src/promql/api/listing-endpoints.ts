import { compareText, type Labels, METRIC_NAME, type VectorSelector } from '@node-to-cloud/promql'
import { hasExactName } from '../cloud/cloud-differences.ts'
import { ApiError } from './api-error.ts'
import type { ApiAnswer, ApiRequest, Endpoint } from './api-request.ts'
import { listSeries } from './list-series.ts'

/** The endpoints that list series, labels and metadata, as used by editors with completion. */
export const LISTING_ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  series: (request) => {
    const { formProblem } = request
    if (formProblem !== undefined) throw new ApiError('bad_data', `error parsing form values: ${formProblem}`)
    if (request.parameters.all('match[]').length === 0) throw new ApiError('bad_data', 'no match[] parameter provided')
    return listed(request, 'invalid parameter "match[]": ', (found) => found.map((labels) => labels.toJSON()))
  },
  labels: (request) =>
    listed(request, '', (found) => sorted(found.flatMap((labels) => [...labels].map(([name]) => name)))),
  'label/:label/values': (request) =>
    listed(request, '', (found) =>
      sorted(found.map((labels) => labels.get(request.label)).filter((value) => value !== '')),
    ),
  metadata: ({ source, parameters }) => {
    const limit = parameters.number('limit')
    const perMetric = parameters.number('limit_per_metric')
    const metric = parameters.text('metric')
    const all = source.metadata()
    const wanted = metric === '' ? all : all.filter(([name]) => name === metric)
    const shown = limit >= 0 ? wanted.slice(0, limit) : wanted
    const listedOf = <T>(list: readonly T[]) => (perMetric > 0 ? list.slice(0, perMetric) : list)
    return { data: Object.fromEntries(shown.map(([name, list]) => [name, listedOf(list)])) }
  },
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort(compareText)
}

/**
 * Lists the series that match the selectors; `prefix` is the start of the message about an invalid selector. Checks are
 * in Prometheus' order.
 */
function listed<T>(request: ApiRequest, prefix: string, list: (found: readonly Labels[]) => readonly T[]): ApiAnswer {
  const { parameters, nowMs, retentionMs } = request
  const limit = parameters.limit()
  const startMs = parameters.time('start', nowMs - retentionMs)
  const endMs = parameters.time('end', nowMs)
  const selectors = parameters.selectors(prefix)
  refuseInexact(request, selectors)
  return cut(list(listSeries(request, selectors, { startMs, endMs })), limit)
}

function refuseInexact({ label, strict }: ApiRequest, selectors: readonly VectorSelector[]): void {
  if (!strict || label === '' || label === METRIC_NAME) return
  if (selectors.length > 0 && selectors.every(hasExactName)) return
  const text = 'Cloud Monitoring lists the values of a label only for metrics whose exact names are in match[]'
  throw new ApiError('bad_data', `${text}, such as match[]=up`)
}

function cut(list: readonly unknown[], limit: number): ApiAnswer {
  if (limit === 0 || list.length <= limit) return { data: list }
  return { data: list.slice(0, limit), warnings: ['results truncated due to limit'] }
}
