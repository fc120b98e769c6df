import type { FastifyInstance } from 'fastify'
import { invalidField } from '../../api/rpc-error.ts'
import type { InUrl } from '../../contract/endpoints.ts'
import type { LogList, LogListParameters } from '../../contract/logs.ts'
import type { EmulatorState } from '../../emulator-state.ts'
import { entryPage } from '../../logging/entry-page.ts'
import { LogTail } from '../../logging/log-tail.ts'
import { entryJson } from '../../logging/model/entry-json.ts'
import { compareEntries, SEVERITIES, severityOfName } from '../../logging/model/log-entry.ts'
import { type CompiledQuery, compileQuery } from '../../logging/query/compile-query.ts'
import { countEntries } from '../../logging/store/count-entries.ts'
import type { EventStreams } from './event-streams.ts'
import { numberParameter, projectParameter, stringParameter, timeParameter } from './parameters.ts'

const TAIL_INTERVAL_MS = 250
const HOUR_MS = 3_600_000
const MAX_BUCKETS = 500

/** `GET /api/logs`: entries newest first, and their number over time. Throws INVALID_ARGUMENT. */
export function listLogs(state: EmulatorState, projectId: string, parameters: InUrl<LogListParameters>): LogList {
  const text = stringParameter(parameters, 'query') ?? ''
  const endMs = timeParameter(parameters, 'end') ?? state.nowMs()
  const startMs = timeParameter(parameters, 'start') ?? endMs - HOUR_MS
  if (startMs >= endMs) throw invalidField('start', String(startMs), 'It must be before the end.')
  const severity = stringParameter(parameters, 'severity') ?? ''
  const { matches, bounds } = readQuery(parameters)
  const query = {
    matches,
    bounds: {
      ...bounds,
      fromMicros: Math.max(bounds.fromMicros, startMs * 1000),
      untilMicros: Math.min(bounds.untilMicros, endMs * 1000),
    },
  }
  const { entries, nextPageToken } = entryPage(state.logs, {
    projectIds: [projectId],
    query,
    newestFirst: true,
    limit: numberParameter(parameters, 'limit', { fallback: 100, min: 1, max: 1000 }),
    pageToken: stringParameter(parameters, 'pageToken') ?? '',
    fingerprint: JSON.stringify([projectId, text, severity]),
  })
  const buckets = Math.floor(numberParameter(parameters, 'buckets', { fallback: 0, min: 0, max: MAX_BUCKETS }))
  return {
    entries: entries.map(entryJson),
    nextPageToken,
    ...(buckets === 0 ? {} : { histogram: histogram(state, { projectId, query, startMs, endMs, buckets }) }),
  }
}

/** The query, combined with the minimum `severity`. Throws INVALID_ARGUMENT. */
function readQuery(parameters: InUrl<LogListParameters>): CompiledQuery {
  const { matches, bounds } = compileQuery(stringParameter(parameters, 'query') ?? '')
  const name = stringParameter(parameters, 'severity')
  if (name === undefined) return { matches, bounds }
  const least = severityOfName(name)
  if (least === undefined) throw invalidField('severity', name, `${Object.keys(SEVERITIES).join(', ')} are allowed.`)
  return {
    matches: (entry) => entry.severity >= least && (!matches || matches(entry)),
    bounds: { ...bounds, minSeverity: Math.max(bounds.minSeverity, least) },
  }
}

function histogram(
  state: EmulatorState,
  options: {
    projectId: string
    query: CompiledQuery
    startMs: number
    endMs: number
    buckets: number
  },
): NonNullable<LogList['histogram']> {
  const { projectId, query, startMs, endMs, buckets } = options
  const { counts, total } = countEntries(state.logs, {
    projectIds: [projectId],
    query,
    startMicros: startMs * 1000,
    endMicros: endMs * 1000,
    buckets,
  })
  return { startMs, stepMs: (endMs - startMs) / buckets, counts, total }
}

/** `GET /api/logs/tail`: server-sent events with matching entries as they are written. */
export function registerLogTail(app: FastifyInstance, state: EmulatorState, streams: EventStreams): void {
  app.get<{ Querystring: InUrl<LogListParameters> }>('/api/logs/tail', (request, reply) => {
    const projectId = projectParameter(request.query, state)
    const { matches } = readQuery(request.query)
    streams.answer(reply, () => {
      const tail = new LogTail(state.logs, { projectIds: [projectId], matches })
      return {
        event: 'entries',
        intervalMs: TAIL_INTERVAL_MS,
        take() {
          const taken = tail.take()
          return taken && { ...taken, entries: taken.entries.toSorted(compareEntries).map(entryJson) }
        },
        close: () => tail.close(),
      }
    })
  })
}
