import { RpcError } from '../api/rpc-error.ts'
import { type StreamHandler, streamHandler } from '../api/service.ts'
import { int64ToNumber } from '../protos/int64.ts'
import type { TimestampMessage } from '../protos/timestamp.ts'
import { LogTail } from './log-tail.ts'
import { entryMessage } from './model/entry-message.ts'
import { compareEntries } from './model/log-entry.ts'
import { compileQuery } from './query/compile-query.ts'
import { projectsOfNames } from './resource-names.ts'
import type { LogStore } from './store/log-store.ts'

interface TailLogEntriesRequest {
  resourceNames: string[]
  filter: string
  bufferWindow?: TimestampMessage | null
}

const DEFAULT_WINDOW_MS = 2000
const MAX_WINDOW_MS = 60_000
const MAX_SESSIONS = 50
const REASON_NOT_CONSUMED = 2

/**
 * TailLogEntries: entries as they are written, batched by window and in order. A new request replaces the previous one.
 */
export function tailLogEntries(store: LogStore): StreamHandler {
  let sessions = 0
  return streamHandler<TailLogEntriesRequest>((stream) => {
    if (sessions >= MAX_SESSIONS)
      throw new RpcError('RESOURCE_EXHAUSTED', `At most ${MAX_SESSIONS} clients can tail at a time.`)
    sessions++
    let tail: LogTail | undefined
    let timer: NodeJS.Timeout | undefined
    const send = (): void => {
      const taken = stream.isBusy() ? undefined : tail?.take()
      if (!taken) return
      stream.send({
        entries: taken.entries.toSorted(compareEntries).map(entryMessage),
        suppressionInfo:
          taken.suppressed > 0 ? [{ reason: REASON_NOT_CONSUMED, suppressedCount: taken.suppressed }] : [],
      })
    }
    const stop = (): void => {
      clearInterval(timer)
      tail?.close()
    }
    return {
      receive({ resourceNames, filter, bufferWindow }) {
        const projectIds = projectsOfNames(resourceNames)
        const { matches } = compileQuery(filter)
        stop()
        tail = new LogTail(store, { projectIds, matches })
        timer = setInterval(send, windowMs(bufferWindow)).unref()
      },
      end() {
        stop()
        sessions--
      },
    }
  })
}

function windowMs(window: TimestampMessage | null | undefined): number {
  if (!window) return DEFAULT_WINDOW_MS
  const ms = int64ToNumber(window.seconds) * 1000 + (window.nanos ?? 0) / 1e6
  return Math.min(MAX_WINDOW_MS, Math.max(50, ms))
}
