import { pageOf } from '../../api/list-page.ts'
import { projectOfName, splitName } from '../../api/resource-name.ts'
import { invalidArgument, invalidField, RpcError } from '../../api/rpc-error.ts'
import { readFilter } from '../filter/read-filter.ts'
import type { MetricDescriptorMessage } from '../model/messages.ts'
import { descriptorMessage, type MetricDescriptor } from '../model/metric-descriptor.ts'
import { WRITE_LIMITS } from '../model/write-limits.ts'
import type { MetricStore } from '../store/metric-store.ts'
import { checkDescriptor } from './check-descriptor.ts'
import { monitoredResourceTypes } from './monitored-resources.ts'

const MAX_PAGE = 10_000
const USER_METRIC = /^(?:custom|external|workload)\.googleapis\.com\//
const ACTIVE_MICROS = 25 * 3600 * 1_000_000

export interface ListMetricDescriptorsRequest {
  name: string
  filter: string
  pageSize: number
  pageToken: string
  activeOnly?: boolean
}

/** Lists the descriptors of a project by type. */
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
  const page = pageOf(descriptors, {
    pageSize: request.pageSize,
    maxPageSize: MAX_PAGE,
    pageToken: request.pageToken,
    fingerprint: `${request.name} ${request.filter} ${request.activeOnly}`,
    sortKeyOf: ({ type }) => [type],
  })
  return {
    metricDescriptors: page.items.map((descriptor) => storedDescriptor(descriptor, projectId)),
    nextPageToken: page.nextPageToken,
  }
}

function lastEnd(series: Iterable<{ points: { lastEndMicros: number | undefined } }>): number {
  let last = Number.NEGATIVE_INFINITY
  for (const one of series) last = Math.max(last, one.points.lastEndMicros ?? last)
  return last
}

/** Creates or updates a descriptor. Throws INVALID_ARGUMENT or RESOURCE_EXHAUSTED. */
export function createMetricDescriptor(
  request: { name: string; metricDescriptor?: MetricDescriptorMessage | null },
  options: { store: MetricStore },
): object {
  const projectId = projectOfName(request.name)
  if (!request.metricDescriptor) throw invalidField('metricDescriptor', undefined, 'The metric descriptor is required.')
  const project = options.store.project(projectId)
  const existing = project.descriptors.get(request.metricDescriptor.type)
  if (!existing && project.descriptors.size >= WRITE_LIMITS.descriptorsPerProject) {
    throw new RpcError(
      'RESOURCE_EXHAUSTED',
      `The project has ${WRITE_LIMITS.descriptorsPerProject} metric descriptors, which is the limit.`,
    )
  }
  const descriptor = checkDescriptor(request.metricDescriptor, existing)
  if (typeof descriptor === 'string') throw invalidArgument(descriptor)
  project.descriptors.set(descriptor.type, descriptor)
  return descriptorMessage(descriptor, projectId)
}

/** Throws NOT_FOUND. */
export function getMetricDescriptor(request: { name: string }, options: { store: MetricStore }): object {
  const { projectId, id } = splitName(request.name, 'metricDescriptors')
  const descriptor = options.store.projects.get(projectId)?.descriptors.get(id)
  if (!descriptor) throw notFound(id)
  return storedDescriptor(descriptor, projectId)
}

/**
 * A descriptor as it is returned by reads: with its labels in order, and for user-defined metrics without launch stage
 * and metadata, which only the response to its creation has.
 */
function storedDescriptor(descriptor: MetricDescriptor, projectId: string): MetricDescriptorMessage {
  const message = descriptorMessage(descriptor, projectId)
  if (!USER_METRIC.test(descriptor.type)) return message
  const { launchStage: _, metadata: __, ...kept } = message
  return {
    ...kept,
    labels: message.labels.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    monitoredResourceTypes: monitoredResourceTypes().map(({ type }) => type),
  }
}

/** Deletes a descriptor with all its series. Throws NOT_FOUND. */
export function deleteMetricDescriptor(request: { name: string }, options: { store: MetricStore }): object {
  const { projectId, id } = splitName(request.name, 'metricDescriptors')
  const project = options.store.projects.get(projectId)
  if (!project || !options.store.deleteType(project, id)) throw notFound(id)
  return {}
}

function notFound(type: string): RpcError {
  return new RpcError('NOT_FOUND', `Could not find descriptor for metric '${type}'.`)
}
