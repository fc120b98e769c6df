import { pageOf } from '../../api/list-page.ts'
import { projectOfName, splitName } from '../../api/resource-name.ts'
import { RpcError } from '../../api/rpc-error.ts'
import { readFilter } from '../filter/read-filter.ts'
import { type MonitoredResourceType, monitoredResourceType, monitoredResourceTypes } from './monitored-resources.ts'

const MAX_PAGE = 1000

/** Lists the resource types that user-defined metrics can be written to. The real API has many more. */
export function listMonitoredResourceDescriptors(request: {
  name: string
  filter: string
  pageSize: number
  pageToken: string
}): object {
  const projectId = projectOfName(request.name)
  const { matches } = readFilter(request.filter)
  const found = monitoredResourceTypes().filter(({ type }) =>
    matches({ project: projectId, metricType: '', metricLabels: {}, resourceType: type, resourceLabels: {} }),
  )
  const { pageSize, pageToken } = request
  const fingerprint = `${request.name} ${request.filter}`
  const page = pageOf(found, {
    pageSize,
    pageToken,
    maxPageSize: MAX_PAGE,
    fingerprint,
    sortKeyOf: ({ type }) => [type],
  })
  return {
    resourceDescriptors: page.items.map((resource) => message(resource, projectId)),
    nextPageToken: page.nextPageToken,
  }
}

/** Throws NOT_FOUND. */
export function getMonitoredResourceDescriptor(request: { name: string }): object {
  const { projectId, id } = splitName(request.name, 'monitoredResourceDescriptors')
  const resource = monitoredResourceType(id)
  if (!resource) throw new RpcError('NOT_FOUND', `Could not find descriptor for monitored resource '${id}'.`)
  return message(resource, projectId)
}

function message(resource: MonitoredResourceType, projectId: string): object {
  const { type, displayName, description, projectLabel, labels } = resource
  return {
    name: `projects/${projectId}/monitoredResourceDescriptors/${type}`,
    type,
    displayName,
    description,
    labels: [projectLabel, ...labels].map((key) => ({ key, description: '' })),
  }
}
