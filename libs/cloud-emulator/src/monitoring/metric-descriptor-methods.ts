import { readFilter } from './filter/read-filter.ts'
import { descriptorMessage } from './metric-descriptor.ts'
import type { MetricStore } from './metric-store.ts'
import { pageOf } from './page.ts'
import { projectOfName } from './resource-name.ts'

const MAX_PAGE = 10_000
const ACTIVE_MICROS = 25 * 3600 * 1_000_000

export interface ListMetricDescriptorsRequest {
  name: string
  filter: string
  pageSize: number
  pageToken: string
  activeOnly?: boolean
}

/** Descriptors of a project by type. */
export function listMetricDescriptors(
  request: ListMetricDescriptorsRequest,
  options: { store: MetricStore; nowMicros: number },
): object {
  const projectId = projectOfName(request.name)
  const { matches } = readFilter(request.filter)
  const project = options.store.projects.get(projectId)
  const descriptors = [...(project?.descriptors.values() ?? [])]
    .filter((descriptor) =>
      matches({
        project: projectId,
        metricType: descriptor.type,
        metricLabels: {},
        resourceType: '',
        resourceLabels: {},
      }),
    )
    .filter(
      (descriptor) =>
        !request.activeOnly || lastEnd(project?.seriesOf(descriptor.type) ?? []) > options.nowMicros - ACTIVE_MICROS,
    )
    .sort((a, b) => (a.type < b.type ? -1 : 1))
  const page = pageOf(descriptors, {
    pageSize: request.pageSize,
    maxPageSize: MAX_PAGE,
    pageToken: request.pageToken,
    fingerprint: `${request.name} ${request.filter} ${request.activeOnly}`,
  })
  return {
    metricDescriptors: page.items.map((descriptor) => descriptorMessage(descriptor, projectId)),
    nextPageToken: page.nextPageToken,
  }
}

function lastEnd(series: Iterable<{ points: { lastEndMicros: number | undefined } }>): number {
  let last = Number.NEGATIVE_INFINITY
  for (const one of series) last = Math.max(last, one.points.lastEndMicros ?? last)
  return last
}
