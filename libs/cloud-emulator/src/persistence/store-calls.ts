import { messageOf } from '@node-to-cloud/command-line'
import type { Clock } from '../clock.ts'
import type { Dispatcher } from '../grpc/dispatcher.ts'
import { CallJournal, type OpenOptions } from './call-journal.ts'
import { callKind } from './call-kind.ts'

const MAX_BYTES = 1024 * 1024 * 1024
const SEGMENT_BYTES = 16 * 1024 * 1024

export interface StoreCallsOptions extends Pick<OpenOptions, 'warn' | 'failed'> {
  readonly directory: string
  readonly dispatcher: Dispatcher
  readonly clock: Clock
  readonly retentionMs: number
}

/**
 * Replays the calls in a directory, each at its own time, and stores new ones from then on.
 *
 * @throws PersistenceError if the directory can't be used
 */
export async function storeCalls(options: StoreCallsOptions): Promise<CallJournal> {
  const { directory, dispatcher, clock, retentionMs, warn, failed } = options
  const limits = { retentionMs, maxBytes: MAX_BYTES, segmentBytes: SEGMENT_BYTES }
  let journal: CallJournal
  try {
    journal = await CallJournal.open(directory, limits, {
      nowMs: clock.nowMs(),
      warn,
      failed,
      replay: ({ timeMs, method, secure, request }) => {
        clock.set(timeMs)
        try {
          dispatcher.repeat(method, request, { secure })
        } catch (error) {
          warn(`a stored call of ${method} can't be replayed, and is skipped: ${messageOf(error)}`)
        }
      },
    })
  } finally {
    clock.run()
  }
  dispatcher.recordWith((method, request, { secure }) => {
    const name = `${method.service}/${method.name}`
    if (callKind(name) === 'reading') return undefined
    const record = { timeMs: clock.nowMs(), method: name, secure, request: method.requestType.encode(request).finish() }
    return { execute: (act) => clock.at(record.timeMs, act), keep: () => journal.append(record) }
  })
  return journal
}
