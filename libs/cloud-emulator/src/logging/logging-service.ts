import { pageOf } from '../api/list-page.ts'
import { invalidField, RpcError } from '../api/rpc-error.ts'
import { handler, type Service } from '../api/service.ts'
import { monitoredResourceTypes } from '../monitoring/descriptors/monitored-resources.ts'
import { entryPage } from './entry-page.ts'
import type { LogWriter } from './log-writer.ts'
import { encodedLogName, entryMessage } from './model/entry-message.ts'
import { compileQuery } from './query/compile-query.ts'
import { projectsOfNames } from './resource-names.ts'
import type { LogStore } from './store/log-store.ts'
import { tailLogEntries } from './tail-log-entries.ts'
import { type WriteLogEntriesRequest, writeLogEntries } from './write-log-entries.ts'

interface ListLogEntriesRequest {
  projectIds: string[]
  resourceNames: string[]
  filter: string
  orderBy: string
  pageSize: number
  pageToken: string
}

interface ListLogsRequest {
  parent: string
  resourceNames: string[]
  pageSize: number
  pageToken: string
}

const DEFAULT_PAGE = 50
const MAX_PAGE = 1000

/** Cloud Logging's `google.logging.v2.LoggingServiceV2`. */
export function loggingService(options: { store: LogStore; writer: LogWriter; nowMicros: () => number }): Service {
  const { store, writer, nowMicros } = options
  return {
    name: 'google.logging.v2.LoggingServiceV2',
    handlers: {
      WriteLogEntries: handler<WriteLogEntriesRequest>((request) =>
        writeLogEntries(request, { writer, nowMicros: nowMicros() }),
      ),
      ListLogEntries: handler<ListLogEntriesRequest>((request) => listLogEntries(request, store)),
      ListLogs: handler<ListLogsRequest>((request) => listLogs(request, store)),
      DeleteLog: handler<{ logName: string }>((request) => {
        const { projectId, logName } = encodedLogName(request.logName)
        if (store.deleteLog(projectId, logName) === 0)
          throw new RpcError('NOT_FOUND', `Log ${logName} does not exist, or has no entries.`)
        return {}
      }),
      ListMonitoredResourceDescriptors: handler<{ pageSize: number; pageToken: string }>(({ pageSize, pageToken }) => {
        const page = pageOf(monitoredResourceTypes(), {
          pageSize,
          pageToken,
          maxPageSize: MAX_PAGE,
          fingerprint: '',
          sortKeyOf: ({ type }) => [type],
        })
        const resourceDescriptors = page.items.map(({ type, displayName, description, projectLabel, labels }) => ({
          type,
          displayName,
          description,
          labels: [projectLabel, ...labels].map((key) => ({ key, description: '' })),
        }))
        return { resourceDescriptors, nextPageToken: page.nextPageToken }
      }),
    },
    streams: { TailLogEntries: tailLogEntries(store) },
  }
}

function listLogEntries(request: ListLogEntriesRequest, store: LogStore): object {
  const { filter, orderBy, pageSize, pageToken } = request
  if (pageSize < 0) throw invalidField('page_size', String(pageSize), 'The page size must not be negative.')
  const names = [...request.resourceNames, ...request.projectIds.map((id) => `projects/${id}`)]
  const projectIds = projectsOfNames(names)
  const { entries, nextPageToken } = entryPage(store, {
    projectIds,
    query: compileQuery(filter),
    newestFirst: isNewestFirst(orderBy),
    limit: pageSize === 0 ? DEFAULT_PAGE : Math.min(pageSize, MAX_PAGE),
    pageToken,
    fingerprint: JSON.stringify([projectIds, filter, orderBy]),
  })
  return { entries: entries.map(entryMessage), nextPageToken }
}

function listLogs(request: ListLogsRequest, store: LogStore): object {
  const names = request.resourceNames.length > 0 ? request.resourceNames : [request.parent]
  const found = projectsOfNames(names).flatMap((projectId) => store.logNames(projectId))
  const page = pageOf(found, {
    pageSize: request.pageSize,
    pageToken: request.pageToken,
    maxPageSize: MAX_PAGE,
    fingerprint: JSON.stringify(names),
    sortKeyOf: (name) => [name],
  })
  return { logNames: page.items, nextPageToken: page.nextPageToken }
}

function isNewestFirst(orderBy: string): boolean {
  const order = orderBy.trim().replace(/\s+/g, ' ')
  if (order === '' || order === 'timestamp' || order === 'timestamp asc') return false
  if (order === 'timestamp desc') return true
  throw invalidField('order_by', orderBy, '"timestamp asc" and "timestamp desc" are allowed.')
}
