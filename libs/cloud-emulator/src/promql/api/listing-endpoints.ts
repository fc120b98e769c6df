import { compareText, type Labels, METRIC_NAME, type VectorSelector } from '@node-to-cloud/promql'
import { hasExactName } from '../cloud-differences.ts'
import { ApiError } from './api-error.ts'
import type { ApiAnswer, ApiRequest, Endpoint } from './api-request.ts'
import { listMetadata, listSeries } from './series-listing.ts'

/** The endpoints that list what is there, as editors with completion ask for it. */
export const LISTING_ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  series: (request) => {
    const { parameters } = request
    if (parameters.all('match[]').length === 0) throw new ApiError('bad_data', 'no match[] parameter provided')
    return listed(request, parameters.selectors('invalid parameter "match[]": '), (found) =>
      found.map((labels) => labels.toJSON()),
    )
  },
  labels: (request) =>
    listed(request, request.parameters.selectors(), (found) =>
      sorted(found.flatMap((labels) => [...labels].map(([name]) => name))),
    ),
  'label/:label/values': (request) => {
    const { label, parameters, strict } = request
    const selectors = parameters.selectors()
    if (strict && label !== METRIC_NAME && (selectors.length === 0 || !selectors.every(hasExactName))) {
      const text = 'Cloud Monitoring lists the values of a label only of metrics that match[] names exactly'
      throw new ApiError('bad_data', `${text}, such as match[]=up`)
    }
    return listed(request, selectors, (found) =>
      sorted(found.map((labels) => labels.get(label)).filter((value) => value !== '')),
    )
  },
  metadata: ({ state, projectId, parameters }) => {
    const limit = parameters.number('limit')
    const perMetric = parameters.number('limit_per_metric')
    const metric = parameters.text('metric')
    const all = [...listMetadata(state.metrics.projects.get(projectId))]
    const wanted = metric === '' ? all : all.filter(([name]) => name === metric)
    const shown = limit >= 0 ? wanted.slice(0, limit) : wanted
    const listedOf = <T>(list: readonly T[]) => (perMetric > 0 ? list.slice(0, perMetric) : list)
    return { data: Object.fromEntries(shown.map(([name, list]) => [name, listedOf(list)])) }
  },
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort(compareText)
}

function listed<T>(
  { state, projectId, parameters }: ApiRequest,
  selectors: readonly VectorSelector[],
  list: (found: readonly Labels[]) => readonly T[],
): ApiAnswer {
  const limit = parameters.limit()
  const startMs = parameters.time('start', state.nowMs() - state.retentionSeconds * 1000)
  const endMs = parameters.time('end', state.nowMs())
  return cut(list(listSeries(state.metrics.projects.get(projectId), selectors, { startMs, endMs })), limit)
}

function cut(list: readonly unknown[], limit: number): ApiAnswer {
  if (limit === 0 || list.length <= limit) return { data: list }
  return { data: list.slice(0, limit), warnings: ['results truncated due to limit'] }
}
