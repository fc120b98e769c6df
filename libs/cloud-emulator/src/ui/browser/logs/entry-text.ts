import { formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type { LogEntryJson } from '../../../contract/logs.ts'
import { parseDurationSeconds } from '../format/duration-seconds.ts'

const MESSAGE_KEYS = ['message', 'msg', 'textPayload', 'event']
const SERVICE_LABELS = ['service.name', 'service_name', 'k8s-pod/app', 'app']
const SERVICE_RESOURCE_LABELS = [
  'container_name',
  'service_name',
  'job',
  'module_id',
  'pod_name',
  'instance_id',
  'node_id',
]
const TRACE_ID = /(?:^|\/)([0-9a-f]{32})$/i

/** An entry's content as one line. */
export function entryText(entry: LogEntryJson): string {
  const { textPayload, jsonPayload, protoPayload, httpRequest } = entry
  if (textPayload !== undefined && textPayload !== '') return firstLine(textPayload)
  const request = httpRequest ? requestText(httpRequest) : ''
  if (jsonPayload) {
    const message = MESSAGE_KEYS.map((key) => jsonPayload[key]).find(
      (value) => typeof value === 'string' && value !== '',
    )
    const text = typeof message === 'string' ? firstLine(message) : JSON.stringify(jsonPayload)
    return request === '' ? text : `${request} ${text}`
  }
  return protoPayload ? JSON.stringify(protoPayload) : request
}

/** The writer of an entry, if the entry has it. */
export function entrySource(entry: LogEntryJson): string {
  const { labels = {}, resource, logName } = entry
  for (const key of SERVICE_LABELS) if (labels[key]) return labels[key]
  for (const key of SERVICE_RESOURCE_LABELS) if (resource.labels[key]) return resource.labels[key]
  return decodeURIComponent(logName.slice(logName.lastIndexOf('/') + 1))
}

/** The ID of the trace that an entry belongs to. */
export function entryTrace({ trace = '' }: LogEntryJson): string | undefined {
  return TRACE_ID.exec(trace)?.[1]?.toLowerCase()
}

function requestText(request: Readonly<Record<string, unknown>>): string {
  return [request.requestMethod, request.requestUrl, request.status, latencyText(request.latency)]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
}

/** A duration such as `0.0123s` in the format of charts. */
function latencyText(latency: unknown): string {
  const seconds = parseDurationSeconds(typeof latency === 'string' ? latency : undefined)
  return seconds === undefined ? '' : formatDurationMs(seconds * 1000)
}

function firstLine(text: string): string {
  const end = text.indexOf('\n')
  return end < 0 ? text : text.slice(0, end)
}
