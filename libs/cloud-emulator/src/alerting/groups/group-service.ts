import { type Page, pageOf } from '../../api/list-page.ts'
import { projectOfName, splitName } from '../../api/resource-name.ts'
import { invalidArgument, invalidField } from '../../api/rpc-error.ts'
import { handler, type Service } from '../../api/service.ts'
import type { Labels } from '../../contract/metrics.ts'
import type { TimeIntervalMessage } from '../../monitoring/model/messages.ts'
import type { MetricStore } from '../../monitoring/store/metric-store.ts'
import { timestampToMicros } from '../../protos/timestamp.ts'
import { type GroupMessage, type GroupStore, readGroupFilter } from './group-store.ts'

const MAX_PAGE = 1000
const MINUTE_MICROS = 60e6

interface ListGroupsRequest {
  name: string
  filter?: 'childrenOfGroup' | 'ancestorsOfGroup' | 'descendantsOfGroup'
  childrenOfGroup?: string
  ancestorsOfGroup?: string
  descendantsOfGroup?: string
  pageSize: number
  pageToken: string
}

interface ListMembersRequest {
  name: string
  pageSize: number
  pageToken: string
  filter: string
  interval?: TimeIntervalMessage | null
}

interface Resource {
  readonly type: string
  readonly labels: Labels
}

/** Cloud Monitoring's `google.monitoring.v3.GroupService`. Members are resources for which metrics were written. */
export function groupService(
  store: GroupStore,
  { metrics, nowMicros }: { metrics: MetricStore; nowMicros: () => number },
): Service {
  return {
    name: 'google.monitoring.v3.GroupService',
    handlers: {
      ListGroups: handler<ListGroupsRequest>((request) => {
        const page = paged(listed(store, request), request, ({ name }) => name)
        return { group: page.items, nextPageToken: page.nextPageToken }
      }),
      GetGroup: handler<{ name: string }>(({ name }) => {
        splitName(name, 'groups')
        return store.get(name)
      }),
      CreateGroup: handler<{ name: string; group?: GroupMessage | null; validateOnly: boolean }>(
        ({ name, group, validateOnly }) => store.create(projectOfName(name), given(group), { validateOnly }),
      ),
      UpdateGroup: handler<{ group?: GroupMessage | null; validateOnly: boolean }>(({ group, validateOnly }) => {
        const next = given(group)
        return store.update(splitName(next.name, 'groups').projectId, next, { validateOnly })
      }),
      DeleteGroup: handler<{ name: string; recursive: boolean }>(({ name, recursive }) => {
        store.delete(splitName(name, 'groups').projectId, name, { recursive })
        return {}
      }),
      ListGroupMembers: handler<ListMembersRequest>((request) => {
        const members = membersOf(request, { store, metrics, nowMicros: nowMicros() })
        const page = paged([...members], request, ([key]) => key)
        return {
          members: page.items.map(([, resource]) => resource),
          nextPageToken: page.nextPageToken,
          totalSize: members.size,
        }
      }),
    },
  }
}

function listed(store: GroupStore, request: ListGroupsRequest): GroupMessage[] {
  const projectId = projectOfName(request.name)
  const { filter, childrenOfGroup = '', ancestorsOfGroup = '', descendantsOfGroup = '' } = request
  if (filter === 'childrenOfGroup') return store.children(projectId, childrenOfGroup)
  if (filter === 'descendantsOfGroup') return store.descendants(projectId, descendantsOfGroup)
  if (filter === 'ancestorsOfGroup') return store.ancestors(ancestorsOfGroup).slice(1)
  return store.list(projectId)
}

function membersOf(
  { name, filter, interval }: ListMembersRequest,
  { store, metrics, nowMicros }: { store: GroupStore; metrics: MetricStore; nowMicros: number },
): Map<string, Resource> {
  const { projectId } = splitName(name, 'groups')
  const isMember = store.matcherOf(name)
  const isWanted = readGroupFilter(filter, 'filter')
  const endMicros = interval?.endTime ? timestampToMicros(interval.endTime) : nowMicros
  const startMicros = interval?.startTime ? timestampToMicros(interval.startTime) : endMicros - MINUTE_MICROS
  if (startMicros > endMicros)
    throw invalidField('interval.start_time', undefined, 'The start time must not be after the end time.')
  const members = new Map<string, Resource>()
  for (const series of metrics.projects.get(projectId)?.seriesByKey.values() ?? []) {
    const { metricType, metricLabels, resourceType, resourceLabels, points } = series
    if (points.countWithin(startMicros - 1, endMicros) === 0) continue
    const subject = { project: projectId, metricType, metricLabels, resourceType, resourceLabels }
    if (!isMember(subject) || !isWanted(subject)) continue
    const entries = Object.entries(resourceLabels).sort(([a], [b]) => (a < b ? -1 : 1))
    members.set(JSON.stringify([resourceType, entries]), { type: resourceType, labels: resourceLabels })
  }
  return members
}

function paged<T>(
  items: readonly T[],
  request: { name: string; pageSize: number; pageToken: string },
  keyOf: (item: T) => string,
): Page<T> {
  const { pageSize, pageToken, ...others } = request
  return pageOf(items, {
    pageSize: Math.max(0, pageSize),
    pageToken,
    maxPageSize: MAX_PAGE,
    fingerprint: JSON.stringify(others),
    sortKeyOf: (item) => [keyOf(item)],
  })
}

function given(group: GroupMessage | null | undefined): GroupMessage {
  if (group) return group
  throw invalidArgument('Field group is required.')
}
