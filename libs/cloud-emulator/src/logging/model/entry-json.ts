import type { LogEntryJson } from '../../contract/logs.ts'
import { microsToRfc3339 } from '../../protos/timestamp.ts'
import { type LogEntry, severityName } from './log-entry.ts'
import { timeText } from './log-time.ts'

/** An entry as proto3 JSON of `google.logging.v2.LogEntry`. */
export function entryJson(entry: LogEntry): LogEntryJson {
  const { logName, resource, time, receiveMicros, severity, insertId, labels, trace, spanId, traceSampled } = entry
  const { textPayload, jsonPayload, protoPayload, httpRequest, operation, sourceLocation, split } = entry
  return {
    ...(textPayload === undefined ? {} : { textPayload }),
    ...(jsonPayload ? { jsonPayload } : {}),
    ...(protoPayload ? { protoPayload } : {}),
    insertId,
    resource,
    timestamp: timeText(time),
    ...(severity === 0 ? {} : { severity: severityName(severity) }),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    logName,
    ...(httpRequest ? { httpRequest } : {}),
    ...(operation ? { operation } : {}),
    ...(sourceLocation ? { sourceLocation } : {}),
    ...(split ? { split } : {}),
    ...(trace === '' ? {} : { trace }),
    ...(spanId === '' ? {} : { spanId }),
    ...(traceSampled ? { traceSampled } : {}),
    receiveTimestamp: microsToRfc3339(receiveMicros),
  }
}
