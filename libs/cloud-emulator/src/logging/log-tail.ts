import type { LogEntry } from './model/log-entry.ts'
import type { EntryPredicate } from './query/query-functions.ts'
import type { LogStore } from './store/log-store.ts'

/** What has come since the last look. */
export interface TailedEntries {
  readonly entries: readonly LogEntry[]
  /** Those that came while there was no room for them. */
  readonly suppressed: number
}

/** Entries that are kept for a reader who is slow to look. */
const MAX_WAITING = 1000

/** Collects the entries that match as they are written, until they are looked at. */
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

  /** Undefined if nothing has come. */
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
