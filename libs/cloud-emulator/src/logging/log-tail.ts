import type { LogEntry } from './model/log-entry.ts'
import type { EntryPredicate } from './query/query-functions.ts'
import type { LogStore } from './store/log-store.ts'

/** The entries since the last call. */
export interface TailedEntries {
  readonly entries: readonly LogEntry[]
  /** How many entries were dropped because the buffer was full. */
  readonly suppressed: number
}

/** How many entries are buffered for a slow reader. */
const MAX_WAITING = 1000

/** Collects matching entries as they are written, until they are taken. */
export class LogTail {
  readonly #stop: () => void
  #waiting: LogEntry[] = []
  #suppressed = 0

  constructor(
    store: LogStore,
    { projectIds, matches }: { projectIds: readonly string[]; matches: EntryPredicate | undefined },
  ) {
    this.#stop = store.listen((projectId, entries) => {
      if (!projectIds.includes(projectId)) return
      for (const entry of entries) {
        if (matches && !matches(entry)) continue
        if (this.#waiting.length < MAX_WAITING) this.#waiting.push(entry)
        else this.#suppressed++
      }
    })
  }

  /** Undefined if there are none. */
  take(): TailedEntries | undefined {
    if (this.#waiting.length === 0) return undefined
    const taken = { entries: this.#waiting, suppressed: this.#suppressed }
    this.#waiting = []
    this.#suppressed = 0
    return taken
  }

  close(): void {
    this.#stop()
    this.#waiting = []
  }
}
